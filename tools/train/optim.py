"""The optimiser: orthogonalised momentum (Muon) for matrices, Adam for embedding, output and norms.

On this corpus it needs roughly half the tokens AdamW needs for the same loss, which on two cores decides what can
be trained at all. A matrix's momentum is replaced by its nearest orthogonal matrix, found by a few Newton-Schulz
steps: every direction then learns at the same pace.

Each training process owns some of the tensors and updates only those; moments live in shared memory, so that the
first process can write all of them into a checkpoint.
"""
import os

import torch

import circuit

WRITER_PACE = 0.15      # of the learning rate, for what writes into the residual stream: it must not outgrow the codes


def orthogonal(m, steps=3):
    """Approximate U V^T of m = U S V^T with a quintic Newton-Schulz iteration.

    Three steps even out all but the weakest directions; more cost a tenth of the training and gain nothing.
    """
    wide = m if m.shape[0] <= m.shape[1] else m.t()
    x = wide / (wide.norm() + 1e-7)
    a, b, c = 3.4445, -4.7750, 2.0315
    for _ in range(steps):
        s = x @ x.t()
        x = torch.addmm(x, torch.addmm(s, s, s, beta=b, alpha=c), x, beta=a)
    return x if m.shape[0] <= m.shape[1] else x.t()


class Slot:
    """One tensor with its moments and rule; `parts` cuts a fused matrix into pieces orthogonalised alone."""

    def __init__(self, name, p, cfg):
        self.p = p
        self.matrix = p.ndim == 2 and name not in ("embed", "output")
        self.moments = [torch.zeros_like(p, requires_grad=False) for _ in range(1 if self.matrix else 2)]
        self.parts = None
        self.pace = WRITER_PACE if name.endswith((".out", ".down")) else 1.0
        self.mask = circuit.masks(cfg).get(name)
        self.kept = p.detach()[self.mask].clone() if self.mask is not None else None
        if name.endswith("qkv"):
            kv = cfg.kv_heads * cfg.head_dim
            self.parts = [cfg.heads * cfg.head_dim, kv, kv]
        elif name.endswith("gate_up"):
            self.parts = [cfg.ffn, cfg.ffn]

    def cost(self):
        """Rough work of one update, to share the tensors out evenly."""
        return self.p.numel() * (min(self.p.shape) if self.matrix else 8)


class Optimizer:
    def __init__(self, net, matrix_lr, other_lr, decay=0.01, momentum=0.95, betas=(0.9, 0.98)):
        self.matrix_lr, self.other_lr = matrix_lr, other_lr
        self.decay, self.momentum, self.betas = decay, momentum, betas
        self.count = 0
        self.slots = [Slot(name, p, net.cfg) for name, p in net.named_parameters()]
        self.mine = set(range(len(self.slots)))

    def share_out(self, rank, workers):
        """Take this process's tensors: the costliest first, each to whoever has least to do."""
        load, taken = [0] * workers, [set() for _ in range(workers)]
        for n in sorted(range(len(self.slots)), key=lambda i: -self.slots[i].cost()):
            who = load.index(min(load))
            load[who] += self.slots[n].cost()
            taken[who].add(n)
        self.mine = taken[rank]

    def share_memory(self):
        for slot in self.slots:
            for m in slot.moments:
                m.share_memory_()

    @torch.no_grad()
    def step(self, grads, scale):
        """One update of the owned tensors; both learning rates are multiplied by `scale` (the schedule)."""
        self.count += 1
        for n in self.mine:
            if self.slots[n].matrix:
                self.turn(self.slots[n], grads[n], scale)
            else:
                self.adam(self.slots[n], grads[n], scale)
            if self.slots[n].mask is not None:
                self.slots[n].p[self.slots[n].mask] = self.slots[n].kept

    def turn(self, slot, grad, scale):
        if slot.mask is not None:
            grad = grad.masked_fill(slot.mask, 0)
        buf = slot.moments[0]
        buf.mul_(self.momentum).add_(grad)
        update = grad.add(buf, alpha=self.momentum)
        pieces = update.split(slot.parts) if slot.parts else [update]
        turned = [orthogonal(u) * max(1.0, u.shape[0] / u.shape[1]) ** 0.5 for u in pieces]
        lr = self.matrix_lr * scale * slot.pace
        slot.p.mul_(1 - lr * self.decay).add_(torch.cat(turned), alpha=-lr)

    def adam(self, slot, grad, scale):
        (m, v), (b1, b2) = slot.moments, self.betas
        m.lerp_(grad, 1 - b1)
        v.mul_(b2).addcmul_(grad, grad, value=1 - b2)
        rate = self.other_lr * scale * (1 - b2 ** self.count) ** 0.5 / (1 - b1 ** self.count)
        slot.p.addcdiv_(m, v.sqrt().add_(1e-9), value=-rate)

    def state_dict(self):
        return {"count": self.count, "moments": [slot.moments for slot in self.slots]}

    @torch.no_grad()
    def load(self, path):
        """Continue with the moments of a checkpoint, if there is one."""
        if not os.path.exists(path):
            return
        kept = torch.load(path)["optim"]
        self.count = kept["count"]
        for slot, moments in zip(self.slots, kept["moments"]):
            for mine, theirs in zip(slot.moments, moments):
                mine.copy_(theirs)
