#!/bin/sh
# Run once, by a person with an NVIDIA GPU, in a fresh clone or an old one: sets everything up, measures training, inference,
# attack and noise synthesis on the GPU beside PyTorch on the same GPU, and leaves the figures and their table beside the
# clone's other state. Takes one to two hours and about 16 GB of disk: libtensorflow's and PyTorch's CUDA builds.
# Run again after an interruption, it goes on behind the last figure.
#
#   sh infra/bench/gpu/run.sh [--quick]
set -eu
cd "$(dirname "$0")/../../.."

if ! nvidia-smi -L; then
  echo "expected an NVIDIA GPU that nvidia-smi lists: install its driver (580 or newer, since PyTorch brings CUDA 13)" >&2
  exit 1
fi

# With a driver on the machine, set-up takes the CUDA build of libtensorflow.
npm start -- --setup-only

mkdir -p .vitrine/bench
figures=.vitrine/bench/gpu.jsonl
npm run --silent bench -- train-step --device gpu --into "$figures" "$@"
{
  nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
  date -u +%F
  echo
  node infra/bench/table.mjs <"$figures"
} >.vitrine/bench/gpu.md
cat .vitrine/bench/gpu.md
echo "The figures are in $figures, their table is in .vitrine/bench/gpu.md."
