// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "stored.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "stored_loops.h"
#include "sums_avx512.h"

namespace lavis4j {
namespace {

struct Avx512 {
  using Lanes = __m512;
  static constexpr size_t kLanes = 16;
  static constexpr size_t kTileRows = 6;  // of the 32 registers, 24 are sums
  // GCC 12 takes what is not masked for uninitialised; such a mask costs nothing.
  static constexpr __mmask16 kAll = 0xffff;

  static void Prefetch(const char* from) { _mm_prefetch(from, _MM_HINT_T1); }

  static Lanes Load(const float* from) { return _mm512_loadu_ps(from); }

  static Lanes Load(const int8_t* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm512_maskz_cvtepi32_ps(kAll, _mm512_maskz_cvtepi8_epi32(kAll, bytes));
  }

  static Lanes Load(const uint16_t* from) {
    const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return _mm512_castsi512_ps(
        _mm512_maskz_slli_epi32(kAll, _mm512_maskz_cvtepu16_epi32(kAll, halves), 16));
  }

  static void Store(Lanes lanes, float* to) { _mm512_storeu_ps(to, lanes); }

  static Lanes MultiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }

  static void Sum4(Lanes a, Lanes b, Lanes c, Lanes d, float* to) {
    _mm_storeu_ps(to, lavis4j::Sum4(a, b, c, d));
  }
};

using Loops = StoredLoops<Avx512>;

}  // namespace

const StoredKernel<uint16_t> kAvx512Bf16 = Loops::Kernel<uint16_t>();
const StoredKernel<int8_t> kAvx512Int8 = Loops::Kernel<int8_t>();

}  // namespace lavis4j
#endif
