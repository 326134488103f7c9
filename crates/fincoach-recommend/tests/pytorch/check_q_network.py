"""Opens a saved policy with PyTorch and compares the values it gives.

usage: check_q_network.py POLICY.safetensors EXPECTED.json

EXPECTED.json holds `states` (rows as the network takes them) and `q_values` (what the Rust code gave).
Ends with code 0 when all values agree to 1e-5 (relative above 1), else 1.
"""

import json
import sys

import torch
from safetensors.torch import load_file


class QNetwork(torch.nn.Module):
    def __init__(self, n_inputs, hidden, n_actions):
        super().__init__()
        self.network = torch.nn.Sequential(
            torch.nn.Linear(n_inputs, hidden),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Linear(hidden, hidden),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Linear(hidden, n_actions),
        )

    def forward(self, state):
        return self.network(state)


def main(policy, expected):
    weights = load_file(policy)
    hidden, n_inputs = weights["network.0.weight"].shape
    model = QNetwork(n_inputs, hidden, len(weights["network.6.bias"]))
    model.load_state_dict(weights, strict=True)
    model.eval()
    with open(expected) as file:
        expected = json.load(file)
    with torch.no_grad():
        got = model(torch.tensor(expected["states"], dtype=torch.float32)).double()
    want = torch.tensor(expected["q_values"], dtype=torch.float64)
    worst = ((got - want).abs() / want.abs().clamp(min=1.0)).max().item()
    print(f"{len(want)} states, largest difference {worst:.2e}")
    return 0 if worst <= 1e-5 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
