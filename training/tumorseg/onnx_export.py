"""Writes the network as an ONNX file that follows the common segmentation contract."""

import copy
import json

import onnx
import torch
from torch import nn

from .model import STRIDES, anchor_points

OPSET = 17
AUTHOR = "TumorFunctions contributors"
LICENCE = "MIT"
DATA_SOURCES = [
    {"name": "brain tumor dataset (Figshare)", "doi": "10.6084/m9.figshare.1512427", "licence": "CC BY 4.0",
     "citation": "Cheng J. brain tumor dataset. figshare, 2017. Cheng J. et al. Enhanced performance of brain "
                 "tumor classification via tumor region augmentation and partition. PLoS ONE 10(10):e0140381, 2015."},
    {"name": "Brain-Tumor-Progression (TCIA), slices without tumour", "doi": "10.7937/K9/TCIA.2018.15quzvnb",
     "licence": "CC BY 3.0",
     "citation": "Schmainda K., Prah M. Data from Brain-Tumor-Progression. The Cancer Imaging Archive, 2018. "
                 "Clark K. et al. The Cancer Imaging Archive (TCIA). J Digit Imaging 26(6):1045-1057, 2013."},
]


class FixedSize(nn.Module):
    """The network with its anchor points as constants, for one input size and batch 1. Parameters keep
    their names, so that the file's initializers can be read back into the network."""

    def __init__(self, network, size):
        super().__init__()
        network = copy.deepcopy(network).eval()
        for name, child in network.named_children():
            self.add_module(name, child)
        points, strides = anchor_points(size, size)
        self.points, self.strides = points, strides
        self.raw = network.raw
        self.decode = network.decode

    def forward(self, images):
        return self.decode(self.raw(images), self.points, self.strides)


def _own_initializers(graph):
    """Where the exporter shares one initializer between equal parameters, give each its own copy back."""
    stored = {item.name: item for item in graph.initializer}
    for node in [n for n in graph.node if n.op_type == "Identity" and n.input[0] in stored]:
        graph.initializer.add().CopyFrom(stored[node.input[0]])
        graph.initializer[-1].name = node.output[0]
        graph.node.remove(node)


def export_onnx(network, size, path, model_settings, created_at):
    """Export for input [1, 3, size, size]. Batch normalisation stays as it is (runtimes fold it on
    loading), so the file holds every trained number."""
    form = FixedSize(network, size).eval()
    torch.onnx.export(form, torch.zeros(1, 3, size, size), str(path), opset_version=OPSET,
                      input_names=["images"], output_names=["output0", "output1"],
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    model = onnx.load(str(path))
    _own_initializers(model.graph)
    model.producer_name = "TumorFunctions training"
    properties = {
        "names": str(dict(enumerate(network.classes))),
        "imgsz": str([size, size]),
        "stride": str(max(STRIDES)),
        "task": "segment",
        "batch": "1",
        "description": "Brain tumour segmentation in contrast-enhanced T1 slices. Not for clinical use.",
        "author": AUTHOR,
        "license": LICENCE,
        "date": created_at,
        "data_sources": json.dumps(DATA_SOURCES),
        "architecture_settings": json.dumps(model_settings),
    }
    onnx.helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))
