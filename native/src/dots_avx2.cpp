// Compiled for AVX2 and FMA: nothing here may run on processors without them.
#include "dots.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "dots_loops.h"

namespace lavis4j {
namespace {

struct Avx2 {
  using Lanes = __m256;
  using Sum = __m256;
  static constexpr size_t kLanes = 8;
  static constexpr size_t kTileRows = 3;  // of the 16 registers, 12 are sums

  static void Prefetch(const float* from) { _mm_prefetch(from, _MM_HINT_T1); }

  static Lanes Load(const float* from) { return _mm256_loadu_ps(from); }

  static Lanes LoadFirst(const float* from, ptrdiff_t count) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(from, _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes));
  }

  static Sum MultiplyAdd(Lanes a, Lanes b, Sum c) { return _mm256_fmadd_ps(a, b, c); }

  static float Add1(Sum a) {
    const Sum none = _mm256_setzero_ps();
    return Add4(a, none, none, none)[0];
  }

  static __m128 Add4(Sum a, Sum b, Sum c, Sum d) {
    const __m256 pairs = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    return _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1));
  }
};

}  // namespace

const DotsKernel kAvx2Dots = DotTiles<Avx2>::Kernel();

}  // namespace lavis4j
#endif
