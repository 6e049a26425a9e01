"""Time to the free fixed point of a trained P-conv (Ernoult 2019, appendix D) in eager PyTorch, by its synchronous loop.

usage: torch-conv-settle.py DATA_DIR WEIGHTS.npz [--batch 20] [--batches 6] [--tolerance 1e-3] [--threads 1]

WEIGHTS are those that  bench settle --model p-conv --weights WEIGHTS.npz  keeps: for each projection the rows of a
kernel from top to bottom, in a row from left to right, its channels, and a last row of biases. What is clamped (the
pooled first convolution) is computed once a batch, outside the loop. A batch settles until none of its units moves by
more than the tolerance in a step. One JSON line: medians of steps, of microseconds and of processor time a batch.
"""
import argparse, gzip, json, pathlib, statistics, time
import numpy as np
import torch
import torch.nn.functional as F

RHO = lambda v: v.clamp_(0, 1)


def images(folder, count):
    for name, unpack in (("t10k-images-idx3-ubyte", open), ("t10k-images-idx3-ubyte.gz", gzip.open)):
        path = pathlib.Path(folder) / name
        if path.exists():
            with unpack(path, "rb") as f:
                pixels = np.frombuffer(f.read(16 + 784 * count), np.uint8, offset=16)
            return torch.tensor(pixels.reshape(-1, 1, 28, 28) / 255, dtype=torch.float32)
    raise SystemExit(f"{folder} holds no t10k-images-idx3-ubyte")


def kernels(array, channels, form):
    size = int(((array.shape[0] - 1) // channels) ** 0.5)
    taps = torch.tensor(array[:-1].reshape(size, size, channels, -1), dtype=torch.float32)
    return (
        taps.permute(3, 2, 0, 1).contiguous(memory_format=form),
        torch.tensor(array[-1], dtype=torch.float32),
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("weights")
    p.add_argument("--batch", type=int, default=20)
    p.add_argument("--batches", type=int, default=6)
    p.add_argument("--tolerance", type=float, default=1e-3)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--form", default="channels-last", choices=["channels-last", "contiguous"])
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    form = torch.channels_last if a.form == "channels-last" else torch.contiguous_format
    found = np.load(a.weights)
    (W1, b1), (W0, b0) = kernels(found["input-l1.w"], 1, form), kernels(found["l1-l2.w"], 32, form)
    top = found["l2-output.w"]
    # Its rows: 4 rows of 4 columns of 64 channels.
    Wf = torch.tensor(top[:-1].reshape(4, 4, 64, 10), dtype=torch.float32).permute(3, 2, 0, 1).reshape(10, -1)
    bf = torch.tensor(top[-1], dtype=torch.float32)
    took, steps, cpu = [], [], []
    with torch.no_grad():
        for x in images(a.data, a.batch * a.batches).split(a.batch):
            started, busy = time.perf_counter(), time.process_time()
            below = F.max_pool2d(F.conv2d(x, W1, b1), 2).contiguous(memory_format=form)
            s0 = torch.zeros(len(x), 10)
            h0 = torch.zeros(len(x), 64, 4, 4).contiguous(memory_format=form)
            h1 = torch.zeros(len(x), 32, 12, 12).contiguous(memory_format=form)
            moved, n = 1.0, 0
            while moved > a.tolerance and n < 2000:
                pooled, where = F.max_pool2d(F.conv2d(h1, W0, b0), 2, return_indices=True)
                back = F.conv_transpose2d(F.max_unpool2d(h0, where, 2, output_size=(8, 8)), W0)
                new = [
                    RHO(F.linear(h0.flatten(1), Wf, bf)),
                    RHO(pooled.add_((s0 @ Wf).view(-1, 64, 4, 4))).contiguous(memory_format=form),
                    RHO(back.add_(below)),
                ]
                moved = max(float((u - v).abs().max()) for u, v in zip((s0, h0, h1), new))
                s0, h0, h1 = new
                n += 1
            took.append((time.perf_counter() - started) * 1e6)
            cpu.append((time.process_time() - busy) * 1e6)
            steps.append(n)
    print(json.dumps(dict(
        peer="torch " + torch.__version__, model="p-conv", batch=a.batch, batches=a.batches, threads=a.threads,
        form=a.form, tolerance=a.tolerance, sweeps=statistics.median(steps), all_sweeps=steps,
        us_per_batch=round(statistics.median(took), 1), cpu_us_per_batch=round(statistics.median(cpu), 1))))


if __name__ == "__main__":
    main()
