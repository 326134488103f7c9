"""Times training of the LSTM in PyTorch, at the sizes of `cargo bench -p fincoach-forecast`.

Run with: python3 benches/peers/lstm_step.py   (needs torch; prints windows a second for one and two threads)
"""
import statistics
import time

import torch
from torch import nn

DAYS, N_INPUTS, HIDDEN, LAYERS = 7, 11, 64, 2
N_WINDOWS, REPEATS = 1024, 9


class SpendingPredictor(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(N_INPUTS, HIDDEN, LAYERS, batch_first=True, dropout=0.2)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(HIDDEN, N_INPUTS)

    def forward(self, windows):
        states, _ = self.lstm(windows)
        return self.fc(self.dropout(states[:, -1, :]))


def run(batch):
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
    return sorted(rates[1:])


for batch in (16, 64, 256):
    for threads in (1, 2):
        torch.set_num_threads(threads)
        rates = run(batch)
        middle = statistics.median(rates)
        print(f"batch {batch}, {threads} thread(s): {middle:.0f} windows/s ({rates[0]:.0f} to {rates[-1]:.0f})")
