"""The networks in PyTorch, as functions of a list of parameters."""

import math

import torch
import torch.nn.functional as F

import workloads as w

EPSILON = 1e-5


class Setting:
    """A network with its data and its point, in one element type and memory format."""

    def __init__(self, task, dtype=torch.float32, channels_last=False):
        self.network, self.dtype, self.channels_last = task.network, dtype, channels_last
        x, y = w.inputs(task.network, task.quantity)
        self.x = torch.from_numpy(x) if x.dtype.kind == "i" else self.tensor(x)
        self.y = torch.from_numpy(y).long().flatten()
        self.parameters = self.tensors(w.parameters(task.network))
        self.statistics = [(self.tensor(m), self.tensor(v)) for m, v in w.statistics(task.network)]
        self.forward = {"mlp": mlp, "lenet5": lenet5, "resnet20": resnet20, "gpt": gpt}[task.network.kind]

    def tensor(self, array):
        result = torch.from_numpy(array).to(self.dtype)
        last = self.channels_last and result.dim() == 4
        return result.contiguous(memory_format=torch.channels_last) if last else result

    def tensors(self, arrays):
        return tuple(map(self.tensor, arrays))

    def leaves(self):
        """Parameters of which gradients are taken."""
        return tuple(part.detach().clone().requires_grad_() for part in self.parameters)

    def vectors(self, count):
        return [self.tensors(vector) for vector in w.vectors(self.network, count)]

    def logits(self, parameters, x=None):
        """Outputs [rows, classes]; a row is an example, or a token of one."""
        return self.forward(parameters, self.x if x is None else x, self.statistics)

    def loss(self, parameters):
        return F.cross_entropy(self.logits(parameters), self.y)

    def loss_of(self, logits):
        return F.cross_entropy(logits, self.y)


def mlp(parameters, x, _):
    for layer in range(0, len(parameters) - 2, 2):
        x = torch.tanh(F.linear(x, parameters[layer], parameters[layer + 1]))
    return F.linear(x, parameters[-2], parameters[-1])


def lenet5(parameters, x, _):
    c1, b1, c2, b2, *dense = parameters
    x = F.max_pool2d(F.relu(F.conv2d(x, c1, b1, padding=2)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, c2, b2)), 2).flatten(1)
    x = F.relu(F.linear(x, dense[0], dense[1]))
    x = F.relu(F.linear(x, dense[2], dense[3]))
    return F.linear(x, dense[4], dense[5])


def resnet20(parameters, x, statistics):
    parameters, statistics = iter(parameters), iter(statistics)

    def convolution(x, stride=1):
        """A 3 x 3 convolution without bias and its normalization: `statistics`, or those of the batch."""
        x = F.conv2d(x, next(parameters), stride=stride, padding=1)
        mean, variance = next(statistics, (None, None))
        scale, shift = next(parameters), next(parameters)
        return F.batch_norm(x, mean, variance, scale, shift, training=mean is None, eps=EPSILON)

    x = F.relu(convolution(x))
    for stage, channels in enumerate(w.STAGES):
        for block in range(w.BLOCKS):
            first = stage > 0 and block == 0
            residual = convolution(F.relu(convolution(x, stride=2 if first else 1)))
            if first:
                margin = channels // 4
                x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, margin, margin))
            x = F.relu(x + residual)
    return F.linear(x.mean((2, 3)), next(parameters), next(parameters))


def gpt(parameters, tokens, _):
    parameters = iter(parameters)
    rows, length = tokens.shape
    size = w.WIDTH // w.HEADS
    hidden = torch.ones(length, length, dtype=torch.bool).triu(1)

    def normalized(x):
        return F.layer_norm(x, (w.WIDTH,), next(parameters), next(parameters), EPSILON)

    def dense(x):
        return F.linear(x, next(parameters), next(parameters))

    embedding, positions = next(parameters), next(parameters)
    x = F.embedding(tokens, embedding) + positions
    for _ in range(w.LAYERS):
        heads = dense(normalized(x)).view(rows, length, 3, w.HEADS, size).permute(2, 0, 3, 1, 4)
        queries, keys, values = heads.unbind(0)
        scores = (queries @ keys.transpose(-1, -2)) / math.sqrt(size)
        weights = scores.masked_fill(hidden, -math.inf).softmax(-1)
        x = x + dense((weights @ values).transpose(1, 2).reshape(rows, length, w.WIDTH))
        x = x + dense(F.gelu(dense(normalized(x)), approximate="tanh"))
    return F.linear(normalized(x), embedding).flatten(0, 1)


class Module(torch.nn.Module):
    """The network as a module, for libraries that want one."""

    def __init__(self, setting):
        super().__init__()
        self.setting = setting
        self.blocks = torch.nn.ParameterList(setting.leaves())

    def forward(self, x):
        return self.setting.logits(tuple(self.blocks), x)
