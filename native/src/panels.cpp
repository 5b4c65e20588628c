#include "panels.h"

namespace lavis4j {

bool HasPanels() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

#if !defined(__x86_64__)
void MultiplyPanels(const Gemm<float>& /*product*/) {}  // never called: HasPanels is false
#endif

}  // namespace lavis4j
