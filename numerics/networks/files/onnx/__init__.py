"""Networks from ONNX files: the model, its values, its operators. The package onnx is imported where it is needed."""

from numerics.networks.files.onnx.model import OnnxModel, read_onnx

__all__ = ["OnnxModel", "read_onnx"]
