"""Train the network within a time budget. Run with --help for the arguments."""

import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch

from tumorseg.augment import Augmenter, boxes_of
from tumorseg.config import DEFAULT_CONFIG, load_config
from tumorseg.data import BatchSampler, load_cache, negative_slices, tumour_slices
from tumorseg.losses import SegmentationLoss
from tumorseg.model import TumorSegNet, count_parameters
from tumorseg.onnx_weights import start_from
from tumorseg.validation import quick_dice


class WeightAverage:
    """Exponential moving average of parameters and buffers, faster at the beginning."""

    def __init__(self, model, decay):
        self.model, self.decay, self.updates = copy.deepcopy(model).eval(), decay, 0
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        self.updates += 1
        decay = self.decay * (1 - math.exp(-self.updates / 500))
        for mine, other in zip(self.model.state_dict().values(), model.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.lerp_(other, 1 - decay)
            else:
                mine.copy_(other)


def make_optimizer(model, settings):
    """AdamW; weight decay only for weights with more than one dimension."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": settings["weight_decay"]},
                              {"params": others, "weight_decay": 0.0}],
                             lr=settings["learning_rate"], betas=(0.9, 0.99))


def learning_rate(settings, step, progress):
    """Linear warm-up by steps, cosine by the share of the budget that has passed."""
    floor = settings["final_lr_factor"]
    cosine = floor + (1 - floor) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2
    return settings["learning_rate"] * min(1.0, (step + 1) / settings["warmup_steps"]) * cosine


def input_size(settings, progress):
    """Side of the training images at this share of the budget."""
    return [size for start, size in settings["sizes"] if progress >= start][-1]


class Trainer:
    """Holds everything a checkpoint has to hold."""

    def __init__(self, config, arguments):
        self.config, self.s = config, config["train"]
        self.budget = arguments.budget_minutes * 60
        self.out = Path(arguments.out)
        self.out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(self.s["seed"])
        self.generator = torch.Generator().manual_seed(self.s["seed"])
        self.model = TumorSegNet(config["model"])
        if arguments.init_from:
            found = start_from(self.model, arguments.init_from)
            print(f"{found} of {len(list(self.model.parameters()))} tensors start from {arguments.init_from}", flush=True)
        self.model.to(memory_format=torch.channels_last)  # a tenth faster on CPUs
        self.average = WeightAverage(self.model, self.s["ema_decay"])
        self.optimizer = make_optimizer(self.model, self.s)
        self.step, self.elapsed, self.best, self.validations = 0, 0.0, -1.0, 0
        self._load_data()
        if arguments.resume:
            self._restore(arguments.resume)

    def _load_data(self):
        settings = self.config["data"]
        positives = tumour_slices(settings, settings["train_folds"])
        negatives = negative_slices(settings, held_out=False)
        self.images, self.masks = load_cache(positives + negatives, settings["cache_size"])
        self.sampler = BatchSampler(len(positives), len(negatives), self.s["batch_size"],
                                    self.s["negative_share"], self.generator)
        watch = tumour_slices(settings, settings["val_folds"])[::4]
        self.watch = load_cache(watch, self.config["inference"]["input_size"])
        self.augment = Augmenter(self.config["augment"], self.generator)
        self.loss = SegmentationLoss(self.config["loss"], self.config["model"]["reg_max"])
        print(f"{len(positives)} tumour and {len(negatives)} healthy slices, "
              f"{count_parameters(self.model)} parameters", flush=True)

    def _restore(self, path):
        state = torch.load(path)
        self.model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        self.average.updates = state["updates"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])
        self.step, self.elapsed, self.best = state["step"], state["elapsed"], state["best"]
        self.validations = state["validations"]

    def save(self, name):
        """Write a checkpoint; it replaces the old one only once it is complete."""
        partial = self.out / (name + ".partial")
        torch.save({"model": self.model.state_dict(), "average": self.average.model.state_dict(),
                    "updates": self.average.updates, "optimizer": self.optimizer.state_dict(),
                    "generator": self.generator.get_state(), "step": self.step, "elapsed": self.elapsed,
                    "best": self.best, "validations": self.validations, "config": self.config}, partial)
        partial.replace(self.out / name)

    def train_step(self, progress):
        """One batch; returns the loss terms."""
        picked = self.sampler.next()
        size = input_size(self.s, progress)
        images, masks = self.augment(self.images[picked], self.masks[picked], size)
        boxes, valid = boxes_of(masks)
        rate = learning_rate(self.s, self.step, progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        total, terms = self.loss(self.model, images.expand(-1, 3, -1, -1), masks, boxes, valid)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.s["gradient_clip"])
        self.optimizer.step()
        self.average.update(self.model)
        self.step += 1
        return {"size": size, "lr": rate, **terms}

    def validate(self):
        """A quick Dice on every fourth validation slice, to watch the run by."""
        dice, map_dice = quick_dice(self.average.model, *self.watch, self.config["inference"])
        self.best, improved = max(self.best, dice), dice > self.best
        self.save("last.pt")
        if improved:
            self.save("best.pt")
        print(json.dumps({"step": self.step, "minutes": round(self.elapsed / 60, 1),
                          "watch_dice": round(dice, 4), "watch_map_dice": round(map_dice, 4)}), flush=True)

    def run(self):
        """Train until the budget is spent; the time of validation counts."""
        self.model.train()
        sums, since = {}, time.monotonic()
        started = since - self.elapsed
        while self.elapsed < self.budget:
            progress = self.elapsed / self.budget
            for name, value in self.train_step(progress).items():
                sums.setdefault(name, []).append(value)
            if self.step % 50 == 0:
                now = time.monotonic()
                rate = 50 * self.s["batch_size"] / (now - since)
                means = {name: round(sum(v) / len(v), 5) for name, v in sums.items()}
                print(json.dumps({"step": self.step, "progress": round(progress, 3),
                                  "images_per_second": round(rate, 1), **means}), flush=True)
                sums, since = {}, now
            if progress > (self.validations + 1) * self.s["validate_every_share"]:
                self.validations += 1
                self.validate()
                since = time.monotonic()
            self.elapsed = time.monotonic() - started
        self.validate()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=DEFAULT_CONFIG)
    parser.add_argument("--out", required=True, help="folder for checkpoints")
    parser.add_argument("--budget-minutes", type=float, required=True)
    parser.add_argument("--resume", help="checkpoint to go on from")
    parser.add_argument("--init-from", help="ONNX file to start from, of this or of an earlier version of the network")
    arguments = parser.parse_args()
    config = load_config(arguments.config)
    torch.set_num_threads(config["train"]["threads"])
    Trainer(config, arguments).run()


if __name__ == "__main__":
    main()
