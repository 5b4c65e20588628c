// What a dense layer does beside its product, in blocks of the result while they are in the cache.
#ifndef LAVIS4J_SRC_LAYER_H_
#define LAVIS4J_SRC_LAYER_H_

#include "product.h"

namespace lavis4j {

constexpr size_t kGeluSteps = 16;
constexpr size_t kGeluTerms = 6;
constexpr float kGeluStep = 0.40625F;  // a fraction of few bits, so that its multiples are exact

// GELU(x) = x Phi(x) = max(0, x) - |x| Phi(-|x|) (arXiv:1606.08415). Near a = step * kGeluStep,
// Phi(-a) is the sum of terms[n][step] * (a - step * kGeluStep)^n; at the last step it is 0.
struct GeluTable {
  alignas(64) float terms[kGeluTerms][kGeluSteps];
};

const GeluTable& Gelu();

// The loops for one instruction set.
struct LayerKernel {
  void (*start)(const Gemm<float>& block);
  void (*finish)(const Gemm<float>& block);
};

#if defined(__x86_64__)
extern const LayerKernel kAvx2Layer;    // needs FMA, too
extern const LayerKernel kAvx512Layer;  // needs AVX-512 F
#endif
extern const LayerKernel kPlainLayer;

// The fastest that this processor can run.
const LayerKernel& BestLayer();

// Asks for the residual of a small block, which FinishLayer will read.
inline void FetchResidual(const Gemm<float>& block) {
  constexpr int kLine = 16;
  for (int col = 0; block.layer.residual != nullptr && col < block.n; col++) {
    const float* column = Advance(block.layer.residual, col, block.layer.ldr);
    for (int row = 0; row < block.m; row += kLine) {
      __builtin_prefetch(column + row);
    }
  }
}

// C = bias, to which a product with beta = 1 adds; nothing without a bias.
inline void StartLayer(const Gemm<float>& block) {
  if (block.layer.bias != nullptr) {
    BestLayer().start(block);
  }
}

// C = activation(C) + residual.
inline void FinishLayer(const Gemm<float>& block) {
  if (block.layer.activation != Activation::kNone || block.layer.residual != nullptr) {
    BestLayer().finish(block);
  }
}

// Layers are in float.
inline void StartLayer(const Gemm<double>& /*block*/) {}
inline void FinishLayer(const Gemm<double>& /*block*/) {}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_LAYER_H_
