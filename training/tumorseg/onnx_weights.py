"""Weights and settings in an exported ONNX file."""

import json

import onnx
import torch
from onnx import numpy_helper

from .model import TumorSegNet


def read_metadata(path):
    """The file's metadata_props as a dict of strings."""
    return {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}


def load_weights(model, path):
    """Copy the file's initializers into the model by name. The training-only semantic head keeps its own
    values; anything else that is missing or of another shape is an error."""
    graph = onnx.load(str(path)).graph
    stored = {item.name: torch.from_numpy(numpy_helper.to_array(item).copy()) for item in graph.initializer}
    state = model.state_dict()
    for name, value in state.items():
        if name.startswith("semantic.") or name.endswith("num_batches_tracked"):
            continue
        if name not in stored or stored[name].shape != value.shape:
            raise ValueError(f"{path} does not hold {name} of shape {tuple(value.shape)}")
        state[name] = stored[name]
    model.load_state_dict(state)


def load_network(path):
    """The network in evaluation mode as the file describes it, and the file's metadata."""
    metadata = read_metadata(path)
    model = TumorSegNet(json.loads(metadata["architecture_settings"]))
    load_weights(model, path)
    return model.eval(), metadata
