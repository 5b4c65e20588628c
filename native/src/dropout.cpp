#include "lavis4j/dropout.h"

#include <algorithm>
#include <cstring>

#include "threefry.h"

namespace {

using lavis4j::kGroup;
using lavis4j::kLanes;
using lavis4j::kWords;
using lavis4j::Lanes;

// Below so many groups the work is not worth a second thread.
constexpr int64_t kGroupsOfAThread = 256;

struct Factors {
  uint32_t key[kWords];
  uint32_t dropped;  // words below it
  uint32_t kept;     // the bits of a float, 0 if p is 1
};

// The factors of groups from first to before last, of which the last one may end at n. Compiled for
// AVX-512, AVX2 and any processor, and chosen at run time.
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void Write(const Factors& factors, int64_t first, int64_t last, float* mask, int64_t n) {
  const Lanes order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (int64_t group = first; group < last; ++group) {
    const auto counter = static_cast<uint64_t>(group) * kLanes;  // a multiple of 16: no lane carries
    Lanes words[kWords] = {order + static_cast<uint32_t>(counter),
                           Lanes{} + static_cast<uint32_t>(counter >> 32)};
    lavis4j::Threefry(factors.key, words);
    for (Lanes& word : words) {
      word = reinterpret_cast<Lanes>(word >= factors.dropped) & factors.kept;
    }
    const int64_t count = std::min<int64_t>(kGroup, n - group * kGroup);
    std::memcpy(mask + group * kGroup, words, static_cast<size_t>(count) * sizeof(float));
  }
}

}  // namespace

extern "C" {

lavis4j_dropout_status lavis4j_dropout_mask(uint64_t key, double p, float* mask, int64_t n,
                                            int32_t threads) {
  if (!(p >= 0 && p <= 1) || n < 0 || (mask == nullptr && n > 0) || threads < 1) {
    return LAVIS4J_DROPOUT_BAD_ARGUMENT;
  }
  constexpr double kTwoTo32 = 4294967296.0;
  const float kept = p < 1 ? static_cast<float>(1 / (1 - p)) : 0.0F;
  Factors factors{{static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32), 0, 0},
                  static_cast<uint32_t>(std::min(p * kTwoTo32, kTwoTo32 - 1)),
                  0};
  std::memcpy(&factors.kept, &kept, sizeof(kept));
  const int64_t groups = (n + kGroup - 1) / kGroup;
  const int64_t team = std::clamp<int64_t>(groups / kGroupsOfAThread, 1, threads);
#pragma omp parallel for num_threads(static_cast<int>(team)) schedule(static, 1)
  for (int64_t part = 0; part < team; ++part) {
    Write(factors, groups * part / team, groups * (part + 1) / team, mask, n);
  }
  return LAVIS4J_DROPOUT_OK;
}

}  // extern "C"
