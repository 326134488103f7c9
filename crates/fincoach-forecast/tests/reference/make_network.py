"""Makes network.pth (a state dict as torch.save writes it) and network.json (windows and PyTorch's answers).

usage: make_network.py, in this folder. Made with PyTorch 2.
"""
import json

import torch
from torch import nn

torch.manual_seed(20)
torch.set_default_dtype(torch.float32)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 5, 2, batch_first=True, dropout=0.2)
        self.fc = nn.Linear(5, 4)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.fc(states[:, -1, :])


network = Network().eval()
with torch.no_grad():
    for parameter in network.parameters():
        parameter.mul_(2.5)  # far enough from 0 for the gates to bend
    windows = torch.randn(6, 7, 3) * torch.tensor([0.1, 0.5, 1.0, 2.0, 5.0, 20.0]).view(6, 1, 1)
    answers = network(windows)
torch.save(network.state_dict(), "network.pth")
with open("network.json", "w") as file:
    json.dump({"windows": windows.flatten(1).tolist(), "answers": answers.tolist()}, file)
