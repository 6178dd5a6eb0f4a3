"""Writes convolution.txt: convolutions and their derivatives by PyTorch and by JAX, in double precision.

Run: python convolution.py    (PyTorch 2.15, JAX 0.10; the output is always the same)

A case begins with its function and ends with an empty line. Every other line is a key and its numbers: attributes, then
shape and elements of the arguments x and w, of a cotangent u of the result, of the result y, and of the gradients dx
and dw of <u, y>. All elements are small multiples of 1/8, so that every sum is exact in whatever order it is made.
For JAX, lhs, rhs and out name the axes: batch and feature (output and input for rhs), then the spatial ones.
"""

import jax
import numpy
import torch

jax.config.update("jax_enable_x64", True)


def elements(shape, seed):
    """Multiples of 1/8 in [-2, 2], the same for the same arguments on any machine."""
    count = int(numpy.prod(shape))
    state, values = 2654435761 * (seed + 1) % 2**32, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(((state >> 16) % 33 - 16) / 8)
    return numpy.array(values, dtype=numpy.float64).reshape(shape)


def lines(name, attributes, arrays):
    yield name
    for key, values in attributes.items():
        yield " ".join([key, *map(str, values)])
    for key, array in arrays.items():
        yield " ".join([key + ".shape", *map(str, array.shape)])
        yield " ".join([key, *(f"{value:.17g}" for value in array.ravel())])
    yield ""


def by_torch(function, x_shape, w_shape, **attributes):
    x, w = (torch.tensor(elements(s, i), requires_grad=True) for i, s in enumerate([x_shape, w_shape]))
    y = getattr(torch.nn.functional, function)(x, w, **attributes)
    u = torch.tensor(elements(y.shape, 2))
    dx, dw = torch.autograd.grad((u * y).sum(), [x, w])
    attributes = {key: value if isinstance(value, tuple) else (value,) for key, value in attributes.items()}
    arrays = {"x": x, "w": w, "u": u, "y": y, "dx": dx, "dw": dw}
    return lines(function, attributes, {key: value.detach().numpy() for key, value in arrays.items()})


def by_jax(x_shape, w_shape, lhs, rhs, out, **attributes):
    x, w = elements(x_shape, 3), elements(w_shape, 4)
    numbers = jax.lax.ConvDimensionNumbers(lhs, rhs, out)
    function = lambda x, w: jax.lax.conv_general_dilated(x, w, dimension_numbers=numbers, **attributes)
    y, pull = jax.vjp(function, x, w)
    u = elements(y.shape, 5)
    dx, dw = pull(u)
    named = {key: numpy.ravel(value).tolist() for key, value in attributes.items()}
    named |= {"lhs": lhs, "rhs": rhs, "out": out}
    arrays = {"x": x, "w": w, "u": u, "y": y, "dx": dx, "dw": dw}
    return lines("conv_general_dilated", named, {key: numpy.asarray(value) for key, value in arrays.items()})


def cases():
    yield by_torch("conv1d", (2, 2, 6), (2, 2, 3), stride=(2,), padding=(2,), dilation=(1,), groups=1)
    yield by_torch("conv2d", (2, 2, 5, 4), (3, 2, 3, 3), stride=(2, 2), padding=(1, 1), dilation=(1, 1), groups=1)
    yield by_torch("conv2d", (1, 4, 6, 5), (2, 2, 3, 2), stride=(2, 1), padding=(1, 1), dilation=(1, 2), groups=2)
    yield by_torch("conv2d", (1, 2, 6, 7), (4, 1, 3, 3), stride=(1, 2), padding=(2, 1), dilation=(2, 1), groups=2)
    yield by_torch("conv3d", (1, 2, 3, 4, 3), (2, 2, 2, 1, 2), stride=(1, 2, 1), padding=(1, 0, 1), dilation=(2, 1, 1), groups=1)

    transpose = dict(stride=(2,), padding=(1,), output_padding=(1,), dilation=(1,), groups=1)
    yield by_torch("conv_transpose1d", (2, 2, 4), (2, 3, 3), **transpose)
    transpose = dict(stride=(2, 2), padding=(1, 1), output_padding=(0, 1), dilation=(1, 1), groups=1)
    yield by_torch("conv_transpose2d", (2, 2, 3, 2), (2, 3, 3, 3), **transpose)
    transpose = dict(stride=(2, 3), padding=(1, 2), output_padding=(1, 0), dilation=(2, 1), groups=2)
    yield by_torch("conv_transpose2d", (1, 4, 3, 2), (4, 1, 2, 3), **transpose)
    transpose = dict(stride=(1, 2, 1), padding=(0, 1, 0), output_padding=(0, 1, 0), dilation=(1, 1, 2), groups=1)
    yield by_torch("conv_transpose3d", (1, 2, 2, 2, 2), (2, 1, 2, 3, 2), **transpose)

    # What PyTorch has no function for: axes in any order, negative padding, dilation of both sides, groups of examples.
    yield by_jax(
        (2, 7, 2), (3, 2, 3), (0, 2, 1), (2, 1, 0), (1, 2, 0),
        window_strides=(2,), padding=((-1, 2),), lhs_dilation=(2,), rhs_dilation=(2,),
        feature_group_count=1, batch_group_count=1,
    )
    yield by_jax(
        (4, 2, 5), (4, 2, 3), (0, 1, 2), (0, 1, 2), (0, 1, 2),
        window_strides=(1,), padding=((1, 1),), lhs_dilation=(1,), rhs_dilation=(1,),
        feature_group_count=1, batch_group_count=2,
    )
    yield by_jax(
        (3, 4, 2, 4), (2, 2, 2, 4), (2, 3, 0, 1), (3, 2, 1, 0), (3, 0, 2, 1),
        window_strides=(1, 3), padding=((2, -1), (0, 3)), lhs_dilation=(3, 2), rhs_dilation=(1, 2),
        feature_group_count=2, batch_group_count=1,
    )
    yield by_jax(
        (2, 3, 6, 4), (2, 3, 4, 2), (2, 0, 1, 3), (2, 3, 1, 0), (0, 2, 3, 1),
        window_strides=(2, 1), padding=((1, 2), (-1, 1)), lhs_dilation=(1, 2), rhs_dilation=(2, 1),
        feature_group_count=1, batch_group_count=2,
    )


def main():
    with open("convolution.txt", "w") as out:
        out.write("# Written by convolution.py, which says what a line holds.\n\n")
        for case in cases():
            out.writelines(line + "\n" for line in case)


if __name__ == "__main__":
    main()
