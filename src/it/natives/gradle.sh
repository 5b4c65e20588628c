#!/usr/bin/env bash
# Builds and runs this project with Gradle, from Maven's local repository alone:
# gradle.sh LOCAL_REPOSITORY cpu|gpu LAVIS4J_VERSION PYTORCH_VERSION CUDA_VERSION
set -euo pipefail

if ! command -v gradle; then
    echo "gradle is not on the PATH: left out"
    exit
fi
classes=$(gradle -q --offline --no-daemon -g build/gradle "-Dmaven.repo.local=$1" \
    "-Pnatives=$2" "-Plavis4jVersion=$3" "-PpytorchVersion=$4" "-PcudaVersion=$5" printClassPath)
"${JAVA_HOME:?}/bin/java" -cp "$classes" example.Natives "$2"
