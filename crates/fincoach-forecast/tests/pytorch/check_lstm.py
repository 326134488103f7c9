"""Opens a saved forecaster with safetensors, loads it strictly into nn.LSTM + nn.Linear and compares answers.

usage: check_lstm.py MODEL.safetensors ANSWERS.json
ANSWERS.json: {"n_inputs", "hidden", "layers", "n_outputs", "windows": [[..]], "answers": [[..]]}
Ends with 0 when all answers agree to 1e-5 (relative above 1), 77 where torch is not installed.
"""
import json
import sys

try:
    import torch
    from safetensors.torch import load_file
    from torch import nn
except ImportError as missing:
    print(missing)
    sys.exit(77)


class SpendingPredictor(nn.Module):
    def __init__(self, n_inputs, hidden, layers, n_outputs):
        super().__init__()
        self.lstm = nn.LSTM(n_inputs, hidden, layers, batch_first=True, dropout=0.2 if layers > 1 else 0.0)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(hidden, n_outputs)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.fc(self.dropout(states[:, -1, :]))


with open(sys.argv[2]) as file:
    told = json.load(file)
model = SpendingPredictor(told["n_inputs"], told["hidden"], told["layers"], told["n_outputs"])
model.load_state_dict(load_file(sys.argv[1]), strict=True)
model.eval()
windows = torch.tensor(told["windows"]).view(len(told["windows"]), -1, told["n_inputs"])
with torch.no_grad():
    expected = model(windows)
got = torch.tensor(told["answers"])
assert got.shape == expected.shape, (got.shape, expected.shape)
worst = ((got - expected).abs() / expected.abs().clamp(min=1.0)).max().item()
print(f"largest difference {worst:.2e} over {len(got)} windows")
sys.exit(0 if worst < 1e-5 else 1)
