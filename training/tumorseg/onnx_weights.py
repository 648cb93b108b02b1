"""Weights and settings in an exported ONNX file."""

import json

import onnx
import torch
from onnx import numpy_helper

from .model import TumorSegNet


def read_metadata(path):
    """The file's metadata_props as a dict of strings."""
    return {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}


def read_weights(path):
    """The file's initializers as tensors, by name."""
    graph = onnx.load(str(path)).graph
    return {item.name: torch.from_numpy(numpy_helper.to_array(item).copy()) for item in graph.initializer}


def start_from(model, path):
    """Copy the initializers that have the model's names and shapes, and return how many of the model's
    learnable tensors were found: a file of an earlier version of the network is a start too."""
    stored, state = read_weights(path), model.state_dict()
    found = {name: value for name, value in stored.items() if name in state and state[name].shape == value.shape}
    model.load_state_dict(state | found)
    return sum(name in found for name, _ in model.named_parameters())


def load_weights(model, path):
    """Copy the file's initializers into the model by name. The training-only semantic head keeps its own
    values; anything else that is missing or of another shape is an error."""
    stored, state = read_weights(path), model.state_dict()
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
