"""Augmentation for magnetic resonance slices, a whole batch at a time."""

import math

import torch
from torch.nn import functional as F


class Augmenter:
    """`settings` is the [augment] table of the configuration; all randomness comes from `generator`."""

    def __init__(self, settings, generator):
        self.s, self.generator = settings, generator

    def _uniform(self, count, low, high):
        return torch.rand(count, generator=self.generator) * (high - low) + low

    def _chance(self, count, probability):
        return torch.rand(count, generator=self.generator) < probability

    def __call__(self, images, masks, size):
        """uint8 images and soft masks [B, S, S] -> float images [B, 1, size, size] in 0..1 and
        soft masks [B, 1, size, size] in 0..1."""
        count = len(images)
        images, masks = images[:, None].float() / 255, masks[:, None].float() / 255
        images = self._intensity(images)
        pad = torch.where(self._chance(count, self.s["pad_114"]), 114 / 255, 0.0).view(-1, 1, 1, 1)
        grid = F.affine_grid(self._transform(count), (count, 1, size, size), align_corners=False)
        moved = F.grid_sample(torch.cat((images - pad, masks), 1), grid, align_corners=False)
        images, masks = moved[:, :1] + pad, moved[:, 1:]
        images = self._noise(images).clamp(0, 1)
        return self._bars(images, masks, size)

    def _transform(self, count):
        """Inverse affine maps [B, 2, 3] in the coordinates of affine_grid (-1..1)."""
        s = self.s
        angle = self._uniform(count, -1, 1) * math.radians(s["rotate_degrees"])
        zoom = torch.exp(self._uniform(count, math.log(s["scale"][0]), math.log(s["scale"][1])))
        flip_x = torch.where(self._chance(count, s["hflip"]), -1.0, 1.0)
        flip_y = torch.where(self._chance(count, s["vflip"]), -1.0, 1.0)
        cos, sin = torch.cos(angle) / zoom, torch.sin(angle) / zoom
        shift = 2 * s["translate"]
        rows = (torch.stack((cos * flip_x, -sin * flip_y, self._uniform(count, -shift, shift)), -1),
                torch.stack((sin * flip_x, cos * flip_y, self._uniform(count, -shift, shift)), -1))
        return torch.stack(rows, 1)

    def _intensity(self, images):
        """Gamma, gain, offset and a smooth multiplicative field, as coils and protocols cause them."""
        s, count = self.s, len(images)

        def per_image(values):
            return values.view(-1, 1, 1, 1)

        images = images.clamp(min=1e-4) ** per_image(torch.exp(self._uniform(count, -s["gamma"], s["gamma"])))
        coarse = (torch.rand((count, 1, 3, 3), generator=self.generator) * 2 - 1) * s["bias_field"]
        field = F.interpolate(coarse, size=images.shape[2:], mode="bicubic", align_corners=True)
        gain = per_image(self._uniform(count, 1 - s["gain"], 1 + s["gain"]))
        offset = per_image(self._uniform(count, -s["offset"], s["offset"]))
        return (images * (1 + field) * gain + offset).clamp(0, 1)

    def _noise(self, images):
        """Blur for some images, then white noise of a random strength."""
        count = len(images)
        blurred = F.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
        images = torch.where(self._chance(count, self.s["blur"]).view(-1, 1, 1, 1), blurred, images)
        sigma = self._uniform(count, 0, self.s["noise"]).view(-1, 1, 1, 1)
        return images + torch.randn(images.shape, generator=self.generator) * sigma

    def _bars(self, images, masks, size):
        """Cover two opposite borders with letterbox grey, as images that are not square show."""
        for i in torch.nonzero(self._chance(len(images), self.s["bars"])).flatten().tolist():
            bar = int(self._uniform(1, 0, 0.2) * size)
            dim = 1 + int(self._chance(1, 0.5))
            for start in (0, size - bar):
                images[i].narrow(dim, start, bar).fill_(114 / 255)
                masks[i].narrow(dim, start, bar).zero_()
        return images, masks


def boxes_of(masks, minimum_area=12):
    """The one tumour of each image as a box: soft masks [B, 1, H, W] -> boxes [B, 1, 4] in pixels
    and validity [B, 1]. Fewer than `minimum_area` mask pixels count as no tumour."""
    hard = masks[:, 0] > 0.5
    height, width = hard.shape[1:]
    rows, columns = hard.any(2), hard.any(1)
    y0, y1 = rows.float().argmax(1), height - rows.flip(1).float().argmax(1)
    x0, x1 = columns.float().argmax(1), width - columns.flip(1).float().argmax(1)
    valid = hard.flatten(1).sum(1) >= minimum_area
    return torch.stack((x0, y0, x1, y1), -1)[:, None].float(), valid[:, None]
