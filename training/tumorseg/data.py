"""The two slice collections, split by patient."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .letterbox import Letterbox, resize_bilinear


@dataclass(frozen=True)
class Slice:
    """One slice on disk; `mask` is None where there is no tumour."""

    id: str
    patient: str
    kind: str
    image: Path
    mask: Path | None


def _rows(folder):
    with open(Path(folder) / "index.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tumour_slices(settings, folds):
    """Slices with a tumour whose patient belongs to one of the folds; `settings` is the [data] table."""
    folder = Path(settings["tumour_dir"])
    return [Slice(r["id"], r["patient_id"], r["tumour_type"], folder / "images" / f"{r['id']}.jpg",
                  folder / "masks" / f"{r['id']}.png")
            for r in _rows(folder) if int(r["fold"]) in folds]


def negative_slices(settings, held_out):
    """Slices without tumour: those of the held-out patients, or those of all the others."""
    folder = Path(settings["negative_dir"])
    chosen = set(settings["negative_holdout_patients"])
    return [Slice(r["id"], r["patient_id"], "healthy", folder / "images" / f"{r['id']}.png", None)
            for r in _rows(folder) if int(r["mask_px"]) == 0 and (r["patient_id"] in chosen) == held_out]


def other_source_slices(settings):
    """Tumour slices of the held-out patients of the second collection. Their masks hold the enhancing rim
    only, so they tell whether a tumour is found, not how well it is outlined."""
    folder = Path(settings["negative_dir"])
    return [Slice(r["id"], r["patient_id"], "glioma", folder / "images" / f"{r['id']}.png",
                  folder / "masks" / f"{r['id']}.png")
            for r in _rows(folder)
            if int(r["mask_px"]) > 0 and r["patient_id"] in settings["negative_holdout_patients"]]


def read_grey(path):
    """uint8 [h, w]."""
    return np.asarray(Image.open(path).convert("L"))


def read_mask(item):
    """bool [h, w] at the original resolution."""
    return read_grey(item.mask) > 127


def load_cache(items, size):
    """Decode everything once: images and soft masks, both uint8 [K, size, size]."""
    images = torch.empty((len(items), size, size), dtype=torch.uint8)
    masks = torch.zeros_like(images)
    for i, item in enumerate(items):
        image = read_grey(item.image)
        box = Letterbox.fit(*image.shape, size, size)
        images[i] = torch.from_numpy(box.apply(image))
        if item.mask:
            mask = resize_bilinear(read_grey(item.mask), box.height, box.width)
            masks[i, box.top:box.top + box.height, box.left:box.left + box.width] = torch.from_numpy(mask.copy())
    return images, masks


class BatchSampler:
    """Endless batches of indices. Each pass shows every tumour slice once; healthy slices are drawn
    so that they make up `negative_share` of what is shown."""

    def __init__(self, positives, negatives, batch_size, negative_share, generator):
        self.positives, self.negatives = positives, negatives
        self.batch_size, self.generator = batch_size, generator
        self.negative_draws = round(positives * negative_share / (1 - negative_share)) if negatives else 0
        self.queue = torch.empty(0, dtype=torch.int64)

    def next(self):
        """Indices [batch_size]; the healthy slices follow the tumour slices in the cache."""
        while len(self.queue) < self.batch_size:
            drawn = torch.randint(max(self.negatives, 1), (self.negative_draws,), generator=self.generator)
            pool = torch.cat((torch.arange(self.positives), self.positives + drawn))
            order = torch.randperm(len(pool), generator=self.generator)
            self.queue = torch.cat((self.queue, pool[order]))
        batch, self.queue = self.queue[:self.batch_size], self.queue[self.batch_size:]
        return batch
