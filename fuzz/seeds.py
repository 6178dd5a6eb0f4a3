"""Writes the seeds of the corpus: one small file for each kind of thing that the format has.

    python seeds.py           # needs onnx
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent / "corpus/onnx"


def model(name, nodes, arrays, shape, version=20, functions=(), element=TensorProto.FLOAT):
    stored = [numpy_helper.from_array(np.asarray(array), key) for key, array in arrays.items()]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", element, shape)], [helper.make_empty_tensor_value_info("y")], stored)
    opsets = [helper.make_opsetid("", version), helper.make_opsetid("local", 1)]
    file = helper.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=10)
    (FOLDER / f"{name}.onnx").write_bytes(file.SerializeToString())


def floats(*shape):
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


node = helper.make_node


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    model("perceptron", [node("Gemm", ["x", "w", "b"], ["a"], transB=1), node("Relu", ["a"], ["y"])],
          {"w": floats(3, 4), "b": floats(3)}, ["n", 4])
    model("windows", [
        node("Conv", ["x", "w", "b"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("MaxPool", ["a"], ["c"], kernel_shape=[2, 2], ceil_mode=1),
        node("ConvTranspose", ["c", "v"], ["d"], strides=[2, 2]),
        node("AveragePool", ["d"], ["e"], kernel_shape=[2, 2], auto_pad="SAME_UPPER"),
        node("Flatten", ["e"], ["y"]),
    ], {"w": floats(2, 1, 3, 3), "b": floats(2), "v": floats(2, 1, 2, 2)}, ["n", 1, 6, 6])
    model("shapes", [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"]), node("Unsqueeze", ["n", "first"], ["m"]),
        node("Concat", ["m", "rest"], ["t"], axis=0), node("Reshape", ["x", "t"], ["a"]),
        node("Slice", ["a", "first", "ends", "axes", "steps"], ["b"]), node("Transpose", ["b"], ["c"], perm=[0, 2, 1]),
        node("Expand", ["c", "wide"], ["d"]), node("ReduceMean", ["d", "axes"], ["e"], keepdims=0),
        node("Pad", ["e", "pads"], ["y"]),
    ], {"zero": np.int64(0), "first": [0], "rest": [2, -1], "ends": [9], "axes": [2], "steps": [2],
        "wide": [1, 1, 1], "pads": [0, 1, 0, -1]}, ["n", 2, 6])
    model("fixed", [node("Reshape", ["x", "s"], ["a"]), node("Softmax", ["a"], ["y"])], {"s": [1, 2, -1]}, [1, 8])
    model("tokens", [
        node("Gather", ["w", "x"], ["a"]), node("LayerNormalization", ["a", "s"], ["b"]),
        node("MatMul", ["b", "v"], ["c"]), node("Trilu", ["c"], ["d"]), node("Einsum", ["d", "b"], ["y"], equation="btk,btd->bkd"),
    ], {"w": floats(5, 4), "s": floats(4), "v": floats(4, 3)}, ["n", 3], element=TensorProto.INT64)
    branch = [helper.make_graph([node(op, ["x"], ["z"])], op, [], [helper.make_empty_tensor_value_info("z")]) for op in ("Neg", "Abs")]
    model("branch", [
        node("Size", ["x"], ["n"]), node("Less", ["n", "limit"], ["c"]),
        node("If", ["c"], ["y"], then_branch=branch[0], else_branch=branch[1]),
    ], {"limit": np.int64(50)}, ["n", 4])
    body = [node("Add", ["a", "a"], ["b"]), node("Elu", ["b"], ["c"])]
    attribute = onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="bend")
    body[1].attribute.append(attribute)
    function = helper.make_function("local", "f", ["a"], ["c"], body, [helper.make_opsetid("", 20)], attributes=["bend"])
    model("function", [node("f", ["x"], ["z"], domain="local", bend=0.5), node("f", ["z"], ["y"], domain="local", bend=2.0)],
          {}, ["n", 3], functions=[function])
    model("norms", [
        node("BatchNormalization", ["x", "s", "b", "m", "v"], ["a"]), node("InstanceNormalization", ["a", "s", "b"], ["c"]),
        node("GroupNormalization", ["c", "g", "g"], ["d"], num_groups=2), node("GlobalAveragePool", ["d"], ["y"]),
    ], {"s": floats(4), "b": floats(4), "m": floats(4), "v": floats(4) ** 2 + 1, "g": floats(4)}, ["n", 4, 3, 3], version=21)
    model("attention", [
        node("Attention", ["x", "x", "x"], ["a"], q_num_heads=2, kv_num_heads=2, is_causal=1),
        node("Gelu", ["a"], ["b"]), node("RMSNormalization", ["b", "s"], ["y"]),
    ], {"s": floats(4)}, ["n", 3, 4], version=23)
    model("order", [
        node("TopK", ["x", "k"], ["v", "i"]), node("CumSum", ["v", "axis"], ["a"]), node("GatherElements", ["a", "i2"], ["b"], axis=1),
        node("ScatterElements", ["b", "i2", "u"], ["c"], axis=1, reduction="add"), node("Where", ["m", "c", "b"], ["y"]),
    ], {"k": [3], "axis": np.int64(1), "i2": np.zeros((1, 3), np.int64), "u": floats(1, 3), "m": np.array([True, False, True])}, [1, 5])


if __name__ == "__main__":
    main()
