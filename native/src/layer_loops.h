// The loops of layer.h for the vectors V of an instruction set.
#ifndef LAVIS4J_SRC_LAYER_LOOPS_H_
#define LAVIS4J_SRC_LAYER_LOOPS_H_

#include "layer.h"

namespace lavis4j {

template <typename V>
class LayerLoops {
 public:
  static constexpr LayerKernel Kernel() { return {Start, Finish}; }

 private:
  using Lanes = typename V::Lanes;

  static void Start(const Gemm<float>& block) {
    const float* bias = block.layer.bias;
    ForVectors(block, [bias](float* c, int row, int /*col*/, auto lanes) {
      lanes.Store(c, lanes.Load(bias + row));
    });
  }

  static void Finish(const Gemm<float>& block) {
    switch (block.layer.activation) {
      case Activation::kNone:
        return Finish(block, [](Lanes x) { return x; });
      case Activation::kRelu:
        return Finish(block, [](Lanes x) { return V::Max(V::Set(0), x); });
      case Activation::kGelu: {
        const typename V::Table table(Gelu());
        return Finish(block, [&table](Lanes x) { return Activate(table, x); });
      }
    }
  }

  template <typename Function>
  static void Finish(const Gemm<float>& block, const Function& function) {
    const float* residual = block.layer.residual;
    const int ldr = block.layer.ldr;
    if (residual == nullptr) {
      ForVectors(block, [&](float* c, int /*row*/, int /*col*/, auto lanes) {
        lanes.Store(c, function(lanes.Load(c)));
      });
    } else {
      ForVectors(block, [&](float* c, int row, int col, auto lanes) {
        const Lanes added = lanes.Load(Advance(residual, col, ldr) + row);
        lanes.Store(c, V::Add(function(lanes.Load(c)), added));
      });
    }
  }

  // GELU. NaN stays NaN: Max and Min give their second operand where one is NaN.
  static Lanes Activate(const typename V::Table& table, Lanes x) {
    // A float so large that its last digits are whole numbers: the step stands in the lowest four.
    constexpr float kWhole = 12582912;
    constexpr float kLast = static_cast<float>(kGeluSteps - 1) * kGeluStep;
    const Lanes a = V::Min(V::Abs(x), V::Set(kLast));
    const Lanes step = V::MultiplyAdd(a, V::Set(1 / kGeluStep), V::Set(kWhole));
    const Lanes whole = V::Subtract(step, V::Set(kWhole));
    const Lanes rest = V::SubtractProduct(a, whole, V::Set(kGeluStep));
    Lanes phi = table.Term(kGeluTerms - 1, step);
    for (size_t n = kGeluTerms - 1; n-- > 0;) {
      phi = V::MultiplyAdd(phi, rest, table.Term(n, step));
    }
    return V::SubtractProduct(V::Max(V::Set(0), x), a, phi);
  }

  // All lanes of a vector.
  struct All {
    Lanes Load(const float* from) const { return V::Load(from); }
    void Store(float* to, Lanes lanes) const { V::Store(to, lanes); }
  };

  // The first of them.
  struct First {
    int count;
    Lanes Load(const float* from) const { return V::LoadFirst(from, count); }
    void Store(float* to, Lanes lanes) const { V::StoreFirst(to, count, lanes); }
  };

  // Calls body(where it is in C, row, column, lanes) for every vector of the block.
  template <typename Body>
  static void ForVectors(const Gemm<float>& block, const Body& body) {
    constexpr auto kLanes = static_cast<int>(V::kLanes);
    for (int col = 0; col < block.n; col++) {
      float* c = Advance(block.c, col, block.ldc);
      int row = 0;
      for (; block.m - row >= kLanes; row += kLanes) {
        body(c + row, row, col, All{});
      }
      if (row < block.m) {
        body(c + row, row, col, First{block.m - row});
      }
    }
  }
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_LAYER_LOOPS_H_
