// Compiled for AVX2 and FMA: nothing here may run on processors without them.
#include "attention.h"

#if defined(__x86_64__)
#include "attention_loops.h"

namespace lavis4j {
namespace {

struct Avx2 {
  static constexpr size_t kLanes = 8;
  static constexpr size_t kVectors = 2;
  static constexpr size_t kSums = 12;  // of 16 registers
};

}  // namespace

const AttentionKernel kAvx2Attention = AttentionLoops<Avx2>::Kernel();

}  // namespace lavis4j
#endif
