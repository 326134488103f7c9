"""Times training of the LSTM in PyTorch and here, in turns, at the sizes of `cargo bench -p fincoach-forecast`.

Run with: python3 benches/peers/lstm_step.py [rounds]   (needs torch and cargo; from the folder of the workspace)

Each round runs both sides one after the other, ours first in every second round; PyTorch has one thread and two, and the
faster of a round counts. What carries over to other machines is the ratio within a round: its median and range.
"""
import re
import statistics
import subprocess
import sys
import time

import torch
from torch import nn

DAYS, N_INPUTS, HIDDEN, LAYERS = 7, 11, 64, 2
N_WINDOWS, REPEATS = 1024, 9
BATCHES, THREADS = (16, 64, 256), (1, 2)
UNITS = {"elem/s": 1.0, "Kelem/s": 1e3, "Melem/s": 1e6}


class SpendingPredictor(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(N_INPUTS, HIDDEN, LAYERS, batch_first=True, dropout=0.2)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(HIDDEN, N_INPUTS)

    def forward(self, windows):
        states, _ = self.lstm(windows)
        return self.fc(self.dropout(states[:, -1, :]))


def theirs(batch):
    """Windows a second of one epoch: shuffling, forward and backward pass, Adam, and the losses read out."""
    torch.manual_seed(0)
    model, huber = SpendingPredictor(), nn.HuberLoss()
    adam = torch.optim.Adam(model.parameters(), lr=3e-3, fused=True)
    windows, targets = torch.randn(N_WINDOWS, DAYS, N_INPUTS), torch.randn(N_WINDOWS, N_INPUTS)
    rates = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for rows in torch.randperm(N_WINDOWS).split(batch):
            loss = huber(model(windows[rows]), targets[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
            loss.item()
        rates.append(N_WINDOWS / (time.perf_counter() - start))
    return statistics.median(rates[1:])


def best_of_threads(batch):
    rates = []
    for threads in THREADS:
        torch.set_num_threads(threads)
        rates.append(theirs(batch))
    return max(rates)


def ours(batch):
    """The middle of what criterion tells."""
    command = ["cargo", "bench", "-q", "-p", "fincoach-forecast", "--bench", "forecast", "--"]
    command += ["--measurement-time", "4", "--warm-up-time", "1", f"forecast/train_samples/{batch}$"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    middle, unit = re.search(r"thrpt:\s+\[[\d.]+ \S+ ([\d.]+) (\S+)", told).groups()
    return float(middle) * UNITS[unit]


def told(values, digits):
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
for batch in BATCHES:
    both = []
    for turn in range(rounds):
        if turn % 2 == 0:
            here = ours(batch)
            there = best_of_threads(batch)
        else:
            there = best_of_threads(batch)
            here = ours(batch)
        both.append((here, there))
    here, there = zip(*both)
    ratios = [a / b for a, b in both]
    print(f"batch {batch}: {told(here, 0)} windows/s, PyTorch {told(there, 0)}, ratio {told(ratios, 1)}", flush=True)
