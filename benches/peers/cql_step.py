"""Times a step of conservative Q-learning in PyTorch, at the sizes of `cargo bench -p fincoach-recommend`.

Run with: python3 benches/peers/cql_step.py   (needs torch; prints steps a second for one and two threads)
"""
import statistics
import time

import torch
from torch import nn

N_INPUTS, HIDDEN, N_ACTIONS = 35, 128, 5
GAMMA, ALPHA, TAU = 0.99, 5.0, 0.005
STEPS, REPEATS = 200, 9


def network():
    return nn.Sequential(
        nn.Linear(N_INPUTS, HIDDEN), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(HIDDEN, N_ACTIONS),
    )


def run(batch):
    """Seconds a step: target, both losses, backward pass, Adam, soft update, and the losses read out."""
    torch.manual_seed(0)
    online, target = network(), network()
    target.load_state_dict(online.state_dict())
    target.eval()
    adam = torch.optim.Adam(online.parameters(), lr=1e-3, fused=True)
    n_rows = batch * STEPS
    states, following = torch.randn(n_rows, N_INPUTS), torch.randn(n_rows, N_INPUTS)
    actions, rewards = torch.randint(N_ACTIONS, (n_rows, 1)), torch.randn(n_rows)
    alive = (torch.rand(n_rows) > 0.1).float()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for rows in torch.randperm(n_rows).split(batch):
            with torch.no_grad():
                y = rewards[rows] + GAMMA * alive[rows] * target(following[rows]).max(1).values
            q = online(states[rows])
            taken = q.gather(1, actions[rows]).squeeze(1)
            td = (taken - y).square().mean()
            conservative = (q.logsumexp(1) - taken).mean()
            loss = td + ALPHA * conservative
            adam.zero_grad()
            loss.backward()
            adam.step()
            with torch.no_grad():
                for to, of in zip(target.parameters(), online.parameters()):
                    to.lerp_(of, TAU)
            loss.item(), td.item(), conservative.item()
        times.append((time.perf_counter() - start) / STEPS)
    return times[1:]


for batch in (32, 256):
    for threads in (1, 2):
        torch.set_num_threads(threads)
        rates = sorted(1 / seconds for seconds in run(batch))
        middle = statistics.median(rates)
        print(f"batch {batch}, {threads} thread(s): {middle:.0f} steps/s ({rates[0]:.0f} to {rates[-1]:.0f})")
