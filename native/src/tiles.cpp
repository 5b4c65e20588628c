#include "tiles.h"

#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lavis4j {

#if defined(__x86_64__)
bool HasTiles() {
  // Linux lets a process use the tiles only after it has asked: arch_prctl(2), ARCH_REQ_XCOMP_PERM.
  constexpr int kAsk = 0x1023;
  constexpr int kTileData = 18;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("amx-tile") &&
         __builtin_cpu_supports("amx-bf16") && syscall(SYS_arch_prctl, kAsk, kTileData) == 0;
}
#else
bool HasTiles() { return false; }
void MultiplyTiles(const Gemm<float>& /*product*/) {}  // never called: HasTiles is false
#endif

}  // namespace lavis4j
