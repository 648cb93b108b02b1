"""Building blocks of the network."""

import torch
from torch import nn


class ConvUnit(nn.Module):
    """Convolution without bias, batch normalisation, SiLU. Padding keeps the size at stride 1."""

    def __init__(self, c_in, c_out, kernel=1, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.03)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


class Residual(nn.Module):
    """Two 3x3 convolutions through a narrower middle, with the input added back."""

    def __init__(self, channels, middle, shortcut=True):
        super().__init__()
        self.reduce = ConvUnit(channels, middle, 3)
        self.expand = ConvUnit(middle, channels, 3)
        self.shortcut = shortcut

    def forward(self, x):
        y = self.expand(self.reduce(x))
        return x + y if self.shortcut else y


class PartialStage(nn.Module):
    """Cross-stage partial block (CSPNet, arXiv:1911.11929) that keeps every intermediate result
    for the closing 1x1 convolution, as ELAN (arXiv:2211.04800) does."""

    def __init__(self, c_in, c_out, depth=1, ratio=0.5, shortcut=True):
        super().__init__()
        self.half = int(c_out * ratio)
        self.enter = ConvUnit(c_in, 2 * self.half)
        self.blocks = nn.ModuleList(
            Residual(self.half, max(8, self.half // 2), shortcut) for _ in range(depth))
        self.leave = ConvUnit((2 + depth) * self.half, c_out)

    def forward(self, x):
        parts = list(self.enter(x).split(self.half, dim=1))
        for block in self.blocks:
            parts.append(block(parts[-1]))
        return self.leave(torch.cat(parts, dim=1))


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
