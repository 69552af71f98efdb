"""GGUF files, version 3: a writer for what the models here need, and a reader to prove that what was written is right.

Only the types used here are known: u32, i32, f32, bool, string, arrays of i32 and strings; tensors F32 and Q8_0.
"""
import struct

import numpy as np

ALIGN = 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
TYPE_F32, TYPE_Q8_0 = 0, 8
BLOCK = np.dtype([("d", "<f2"), ("q", "i1", 32)])
SCALARS = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}


def quantise(values):
    """Q8_0: each 32 weights as a half-precision scale and 32 signed bytes, rounded to nearest."""
    rows = np.asarray(values, np.float32).reshape(-1, 32)
    scale = np.abs(rows).max(1) / 127
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    blocks = np.zeros(len(rows), BLOCK)
    blocks["d"] = scale
    scaled = rows * inverse[:, None]
    blocks["q"] = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)
    return blocks.tobytes()


def dequantise(raw, shape):
    blocks = np.frombuffer(raw, BLOCK)
    return (blocks["d"].astype(np.float32)[:, None] * blocks["q"]).reshape(shape)


def text(s):
    raw = s.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def value(kind, v):
    if kind == STRING:
        return text(v)
    if kind == ARRAY:
        inner, items = v
        return struct.pack("<IQ", inner, len(items)) + b"".join(value(inner, i) for i in items)
    return struct.pack(SCALARS[kind], v)


def write(path, pairs, tensors):
    """pairs: [(key, type, value)]; tensors: [(name, array)], matrices become Q8_0, vectors F32."""
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(pairs))
    head += b"".join(text(k) + struct.pack("<I", kind) + value(kind, v) for k, kind, v in pairs)
    blobs, at = [], 0
    for name, array in tensors:
        kind = TYPE_Q8_0 if array.ndim == 2 else TYPE_F32
        raw = quantise(array) if kind == TYPE_Q8_0 else np.asarray(array, "<f4").tobytes()
        shape = array.shape[::-1]
        head += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", kind, at)
        raw += bytes(-len(raw) % ALIGN)
        blobs.append(raw)
        at += len(raw)
    with open(path, "wb") as f:
        f.write(head + bytes(-len(head) % ALIGN))
        for raw in blobs:
            f.write(raw)


class Reader:
    """A cursor over the bytes of a file."""

    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, form):
        out = struct.unpack_from(form, self.raw, self.at)
        self.at += struct.calcsize(form)
        return out[0]

    def text(self):
        n = self.take("<Q")
        self.at += n
        return self.raw[self.at - n:self.at].decode("utf-8")

    def value(self, kind):
        if kind == STRING:
            return self.text()
        if kind == ARRAY:
            inner, n = self.take("<I"), self.take("<Q")
            return [self.value(inner) for _ in range(n)]
        return self.take(SCALARS[kind])


def read(path):
    """({key: value}, {name: float32 array}) of a file this module could have written."""
    with open(path, "rb") as f:
        r = Reader(f.read())
    if r.raw[:4] != b"GGUF":
        raise SystemExit(f"{path}: not a GGUF file")
    r.at = 4
    if r.take("<I") != 3:
        raise SystemExit(f"{path}: not version 3")
    n_tensors, n_pairs = r.take("<Q"), r.take("<Q")
    pairs = {}
    for _ in range(n_pairs):
        key = r.text()
        pairs[key] = r.value(r.take("<I"))
    infos = []
    for _ in range(n_tensors):
        name = r.text()
        shape = [r.take("<Q") for _ in range(r.take("<I"))][::-1]
        infos.append((name, shape, r.take("<I"), r.take("<Q")))
    start, tensors = r.at + -r.at % ALIGN, {}
    for name, shape, kind, at in infos:
        count = int(np.prod(shape))
        size = count // 32 * BLOCK.itemsize if kind == TYPE_Q8_0 else 4 * count
        raw = r.raw[start + at:start + at + size]
        tensors[name] = dequantise(raw, shape) if kind == TYPE_Q8_0 else np.frombuffer(raw, "<f4").reshape(shape)
    return pairs, tensors
