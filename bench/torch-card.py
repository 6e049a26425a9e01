"""What a step, or a batch of learning, takes in eager PyTorch on a device.

usage: torch-card.py WHAT --device cuda --width 4096 --batch 256 --steps 100 --nudged 20 --repeats 5

relax   s_l <- rho(W_l s_below + W_above^T s_above), 784-WIDTH-WIDTH-10; the input's drive is computed once
complex the same of complex states, untied, with a softmax readout that nudges
train   a batch of equilibrium propagation of `relax`: STEPS free, NUDGED nudged steps, and the update
"""
import argparse, json, statistics, time
import torch

def main():
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=["relax", "complex", "train"])
    p.add_argument("--device", default="cuda")
    for name, default in dict(width=4096, batch=256, steps=100, nudged=20, repeats=5).items():
        p.add_argument("--" + name, type=int, default=default)
    a = p.parse_args()
    torch.manual_seed(1)
    sync = torch.cuda.synchronize if a.device.startswith("cuda") else lambda: None
    work = dict(relax=relax, complex=complex_, train=train)[a.what](a)
    times = []
    with torch.no_grad():
        for k in range(a.repeats + 1):
            sync(); t = time.perf_counter(); work(); sync()
            if k > 0:
                times.append((time.perf_counter() - t) * 1e3)
    name = torch.cuda.get_device_name() if a.device.startswith("cuda") else a.device
    print(json.dumps(dict(peer="torch " + torch.__version__, on=name, ms=statistics.median(times))))

def net(a):
    n = [784, a.width, a.width, 10]
    W = [((torch.rand(k, m) * 2 - 1) / m ** .5).to(a.device) for m, k in zip(n, n[1:])]
    return n[1:], W, torch.rand(a.batch, 784).to(a.device)

def step(s, W, drive, nudge=None):
    new = []
    for l in range(len(s)):
        z = drive if l == 0 else torch.nn.functional.linear(s[l - 1], W[l])
        if l + 1 < len(s):
            z = torch.addmm(z, s[l + 1], W[l + 1])
        new.append(torch.sigmoid(4 * z - 2))
    if nudge is not None:
        beta, y = nudge
        new[-1] = new[-1] + beta * (y - s[-1])
    return new

def relax(a):
    n, W, x = net(a)
    def work():
        s = [torch.zeros(a.batch, k, device=a.device) for k in n]
        drive = torch.nn.functional.linear(x, W[0])
        for _ in range(a.steps):
            s = step(s, W, drive)
    return work

def complex_(a):
    n, dt = [a.width, a.width, 10], torch.complex64
    w = lambda i, o: (torch.randn(i, o) / i ** .5).to(dt).to(a.device)
    F, G, R = [w(i, o) for i, o in zip(n, n[1:])], [w(o, i) for i, o in zip(n, n[1:])], w(10, 10)
    drive = w(a.batch, a.width)
    y = torch.eye(10)[torch.randint(0, 10, (a.batch,))].to(dt).to(a.device)
    def work():
        u = [torch.zeros(a.batch, k, dtype=dt, device=a.device) for k in n]
        for _ in range(a.steps):
            r = [1 / (1 + torch.exp(-4 * v + 2)) for v in u]
            new = []
            for l in range(3):
                z = drive if l == 0 else r[l - 1] @ F[l - 1]
                new.append(z + r[l + 1] @ G[l] if l < 2 else z)
            e = torch.exp(r[-1] @ R)
            new[-1] = new[-1] + .5j * ((y - e / e.sum(1, keepdim=True)) @ R.T)
            u = new
    return work

def train(a):
    n, W, x = net(a)
    y = torch.eye(10, device=a.device)[torch.arange(a.batch, device=a.device) % 10]
    def work():
        s = [torch.zeros(a.batch, k, device=a.device) for k in n]
        drive = torch.nn.functional.linear(x, W[0])
        for _ in range(a.steps):
            s = step(s, W, drive)
        free = [x] + s
        for _ in range(a.nudged):
            s = step(s, W, drive, (.5, y))
        ends = [x] + s
        for l in range(3):
            W[l] += .01 / a.batch * (ends[l + 1].T @ ends[l] - free[l + 1].T @ free[l])
    return work

if __name__ == "__main__":
    main()
