// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "attention.h"

#if defined(__x86_64__)
#include "attention_loops.h"

namespace lavis4j {
namespace {

struct Avx512 {
  static constexpr size_t kLanes = 16;
  static constexpr size_t kVectors = 4;
  static constexpr size_t kSums = 24;  // of 32 registers
};

}  // namespace

const AttentionKernel kAvx512Attention = AttentionLoops<Avx512>::Kernel();

}  // namespace lavis4j
#endif
