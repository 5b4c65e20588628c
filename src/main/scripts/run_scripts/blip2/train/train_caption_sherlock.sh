#!/usr/bin/env bash
# Fine-tunes on Sherlock, in as many processes as NPROC_PER_NODE says, one for each GPU; further settings follow:
#
#   train_caption_sherlock.sh --options data_root=DIR
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
exec "$here/../../../lavis4j" launch --nproc_per_node "${NPROC_PER_NODE:-1}" train --cfg-path finetune/caption_sherlock.yaml "$@"
