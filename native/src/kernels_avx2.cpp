// Compiled for AVX2: nothing here may run, or be linked into what runs, on processors without it.
#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "kernel_loops.h"

namespace lavis4j {
namespace {

struct Avx2 {
  using Bytes = __m128i;
  using Sum = __m256i;

  static Bytes Load(const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(from));
  }

  static void Store(Bytes bytes, uint8_t* to) {
    _mm_storeu_si128(reinterpret_cast<__m128i_u*>(to), bytes);
  }

  static Bytes Low(Bytes a, Bytes b) { return _mm_unpacklo_epi8(a, b); }

  static Bytes High(Bytes a, Bytes b) { return _mm_unpackhi_epi8(a, b); }

  static Sum Start() { return _mm256_set1_epi32(kHalf); }

  static void Add(const uint8_t* levels, int32_t weight, Sum& sum) {
    const Sum wide =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i_u*>(levels)));
    sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(wide, _mm256_set1_epi32(weight)));
  }

  static void Round(Sum sum, uint8_t* to) {
    const Sum levels = _mm256_srai_epi32(sum, kPrecisionBits);
    const Bytes words =
        _mm_packs_epi32(_mm256_castsi256_si128(levels), _mm256_extracti128_si256(levels, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i_u*>(to), _mm_packus_epi16(words, words));
  }
};

}  // namespace

const Kernels kAvx2Kernels{Horizontal<Avx2>, Vertical<Avx2>};

}  // namespace lavis4j
#endif
