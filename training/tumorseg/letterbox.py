"""Placing an image of any size into the network's input, and finding the way back."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

PAD_VALUE = 114


@dataclass(frozen=True)
class Letterbox:
    """The geometry, all sizes in pixels: the source, the resized image and the borders around it."""

    source_height: int
    source_width: int
    height: int
    width: int
    top: int
    left: int
    bottom: int
    right: int
    ratio: float

    @staticmethod
    def fit(source_height, source_width, target_height, target_width):
        """One ratio for both sides (larger or smaller than 1); odd padding goes right and below."""
        ratio = min(target_height / source_height, target_width / source_width)
        height, width = round(source_height * ratio), round(source_width * ratio)
        dy, dx = (target_height - height) / 2, (target_width - width) / 2
        return Letterbox(source_height, source_width, height, width, round(dy - 0.1), round(dx - 0.1),
                         round(dy + 0.1), round(dx + 0.1), ratio)

    def apply(self, image):
        """uint8 [h, w] -> uint8 [H, W]; bilinear with pixel centres at half, no antialiasing, padded with 114."""
        resized = resize_bilinear(image, self.height, self.width)
        return np.pad(resized, ((self.top, self.bottom), (self.left, self.right)), constant_values=PAD_VALUE)

    def boxes_to_source(self, boxes):
        """x0, y0, x1, y1 [K, 4] in input pixels -> source pixels, clipped to the source."""
        shift = torch.tensor([self.left, self.top, self.left, self.top], dtype=torch.float32)
        limit = torch.tensor([self.source_width, self.source_height] * 2, dtype=torch.float32)
        return torch.minimum(((boxes - shift) / self.ratio).clamp(min=0), limit)


def resize_bilinear(image, height, width):
    """uint8 [h, w] -> uint8 [height, width], rounded to nearest."""
    if image.shape == (height, width):
        return image
    tensor = torch.from_numpy(np.array(image)).float()[None, None]
    out = F.interpolate(tensor, size=(height, width), mode="bilinear", align_corners=False)
    return out[0, 0].round().clamp(0, 255).to(torch.uint8).numpy()


def to_input(letterboxed):
    """uint8 grey [H, W] -> float32 [1, 3, H, W] in 0..1, the grey value in all three channels."""
    tensor = torch.from_numpy(np.ascontiguousarray(letterboxed)).float() / 255
    return tensor[None, None].expand(1, 3, -1, -1).contiguous()
