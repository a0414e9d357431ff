"""The encoder as an ONNX file: standard operators, weights of one signed byte with a scale for each row."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def quantised(values):
    """Signed bytes and, for each row, their scale."""
    scale = np.abs(values).max(1) / 127
    scale[scale == 0] = 1
    return np.clip(np.round(values / scale[:, None]), -127, 127).astype(np.int8), scale.astype(np.float32)


class Graph:
    def __init__(self):
        self.nodes, self.constants, self.names = [], [], set()

    def constant(self, name, value):
        if name not in self.names:
            self.names.add(name)
            self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def integers(self, *values):
        name = "integers_" + "_".join(map(str, values)).replace("-", "m")
        return self.constant(name, np.array(values, np.int64))

    def op(self, kind, *inputs, to=None, outputs=1, **attributes):
        names = [f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)] if to is None else [to]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if len(names) == 1 else names


def write(path, weights, heads, themes):
    """weights: by name a float array, or a pair of signed bytes and the scale of each row."""
    g = Graph()
    width = len(weights["ln.weight"])
    outputs = len(weights["out.bias"])

    def linear(x, name):
        values, scale = weights[f"{name}.weight"]
        matrix = g.op(
            "DequantizeLinear",
            g.constant(f"{name}.weight", values.T),
            g.constant(f"{name}.scale", scale),
            g.constant(f"{name}.zero", np.zeros(len(scale), np.int8)),
            axis=1,
        )
        return g.op("Add", g.op("MatMul", x, matrix), g.constant(f"{name}.bias", weights[f"{name}.bias"]))

    def floats(x):
        # The attribute is named `to`, which `op` takes for the name of an output.
        name = f"Cast_{len(g.nodes)}"
        g.nodes.append(helper.make_node("Cast", [x], [name], to=TensorProto.FLOAT))
        return name

    def embedded(name, numbers):
        table = weights[f"{name}.weight"]
        if not isinstance(table, tuple):
            return g.op("Gather", g.constant(name, table), numbers)
        scale = g.op("Gather", g.constant(f"{name}.scale", table[1][:, None]), numbers)
        return g.op("Mul", floats(g.op("Gather", g.constant(name, table[0]), numbers)), scale)

    def norm(x, name):
        gain, bias = (g.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return g.op("LayerNormalization", x, gain, bias, axis=-1, epsilon=1e-12)

    zero, one = (g.constant(f"number_{n}", np.array(n, np.int64)) for n in (0, 1))
    places = g.op("Range", zero, g.op("Gather", g.op("Shape", "input_ids"), one), one)
    x = g.op("Add", embedded("we", "input_ids"), embedded("te", "token_type_ids"))
    x = norm(g.op("Add", x, embedded("pe", places)), "ln")
    by_head = g.integers(0, 0, heads, width // heads)
    for i in range(1 + max(int(name.split(".")[1]) for name in weights if name.startswith("bl."))):
        parts = g.op("Split", linear(x, f"bl.{i}.qkv"), g.integers(width, width, width), outputs=3, axis=-1)
        q, k, v = (
            g.op("Transpose", g.op("Reshape", part, by_head), perm=perm)
            for part, perm in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
        )
        scores = g.op("Mul", g.op("MatMul", q, k), g.constant("scale", np.float32((width // heads) ** -0.5)))
        mixed = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        mixed = g.op("Reshape", mixed, g.integers(0, 0, width))
        x = norm(g.op("Add", linear(mixed, f"bl.{i}.o"), x), f"bl.{i}.n1")
        x = norm(g.op("Add", linear(g.op("Gelu", linear(x, f"bl.{i}.i")), f"bl.{i}.d"), x), f"bl.{i}.n2")
    # From the first position and the mean over the text itself; what each piece adds to that mean is told too.
    own = g.op("Sub", g.constant("float_1", np.float32(1)), floats("token_type_ids"))
    total = g.op("ReduceSum", g.op("Mul", x, g.op("Unsqueeze", own, g.integers(2))), g.integers(1), keepdims=0)
    mean = g.op("Div", total, g.op("ReduceSum", own, g.integers(1), keepdims=1))
    pooled = g.op("Concat", g.op("Gather", x, zero, axis=1), mean, axis=1)
    out, bias = (g.constant(f"out.{part}", weights[f"out.{part}"]) for part in ("weight", "bias"))
    g.op("Gemm", pooled, out, bias, to="scores", transB=1)
    g.op("MatMul", x, g.constant("shares.weight", weights["out.weight"][:themes, width:].T), to="shares")

    def described(name, kind, *shape):
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        g.nodes,
        "encoder",
        [described(name, TensorProto.INT64, "texts", "pieces") for name in ("input_ids", "token_type_ids")],
        [
            described("scores", TensorProto.FLOAT, "texts", outputs),
            described("shares", TensorProto.FLOAT, "texts", "pieces", themes),
        ],
        g.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], producer_name="sendlens", ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
