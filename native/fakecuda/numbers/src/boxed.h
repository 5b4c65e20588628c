// One kernel for every operator: the CPU's, on the same memory.
#ifndef LAVIS4J_FAKECUDA_NUMBERS_BOXED_H_
#define LAVIS4J_FAKECUDA_NUMBERS_BOXED_H_

#include <ATen/core/boxing/KernelFunction.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace lavis4j::numbers {

// Computes a call at the CUDA key with the operator's CPU kernel. Tensors must be on one device;
// beside them a CPU tensor is let through as libtorch lets it through: one number that is read,
// or an index.
void compute_on_host(const c10::OperatorHandle& op, torch::jit::Stack* stack);

}  // namespace lavis4j::numbers

#endif  // LAVIS4J_FAKECUDA_NUMBERS_BOXED_H_
