"""Building blocks of the network."""

import torch
from torch import nn


class ConvUnit(nn.Module):
    """Convolution without bias, batch normalisation, SiLU. Padding keeps the size at stride 1."""

    def __init__(self, c_in, c_out, kernel=1, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Residual(nn.Module):
    """Two 3x3 convolutions with the input added back (arXiv:1512.03385). Full width: narrow middles and grouped
    convolutions have fewer operations but are no faster on a CPU, whose time goes to moving features."""

    def __init__(self, channels):
        super().__init__()
        self.first = ConvUnit(channels, channels, 3)
        self.second = ConvUnit(channels, channels, 3)

    def forward(self, x):
        return x + self.second(self.first(x))


class PyramidPool(nn.Module):
    """Spatial pyramid pooling (arXiv:1406.4729) as three 5x5 max pools in a row."""

    def __init__(self, channels):
        super().__init__()
        self.enter = ConvUnit(channels, channels // 2)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.leave = ConvUnit(2 * channels, channels)

    def forward(self, x):
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.leave(torch.cat(parts, dim=1))
