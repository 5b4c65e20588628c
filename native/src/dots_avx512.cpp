// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "dots.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "dots_loops.h"
#include "sums_avx512.h"

namespace lavis4j {
namespace {

struct Avx512 {
  using Lanes = __m512;
  using Sum = __m512;
  static constexpr size_t kLanes = 16;
  static constexpr size_t kTileRows = 6;  // of the 32 registers, 24 are sums

  static void Prefetch(const float* from) { _mm_prefetch(from, _MM_HINT_T1); }

  static Lanes Load(const float* from) { return _mm512_loadu_ps(from); }

  static Lanes LoadFirst(const float* from, ptrdiff_t count) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1), from);
  }

  static Sum MultiplyAdd(Lanes a, Lanes b, Sum c) { return _mm512_fmadd_ps(a, b, c); }

  static float Add1(Sum a) {
    const Sum none = _mm512_setzero_ps();
    return Add4(a, none, none, none)[0];
  }

  static __m128 Add4(Sum a, Sum b, Sum c, Sum d) { return Sum4(a, b, c, d); }
};

}  // namespace

const DotsKernel kAvx512Dots = DotTiles<Avx512>::Kernel();

}  // namespace lavis4j
#endif
