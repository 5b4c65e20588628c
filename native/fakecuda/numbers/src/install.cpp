// Puts CPU kernels at the CUDA key of libtorch's dispatcher.
#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/util/Exception.h>
#include <jni.h>
#include <torch/library.h>

#include <algorithm>
#include <set>
#include <string>

#include "boxed.h"
#include "memory.h"
#include "random.h"
#include "softmax.h"

namespace lavis4j::numbers {
namespace {

// They make, resize and name memory, or read one number: the real ones go through the runtime.
const std::set<std::string> kKept = {"aten::_local_scalar_dense", "aten::empty",
                                     "aten::empty_strided",       "aten::is_set_to",
                                     "aten::record_stream",       "aten::resize_",
                                     "aten::set_"};

// They have no CUDA kernel: what they are composed of chooses cuDNN's.
const char* const kComposed[] = {"convolution"};

// A view shares its argument's memory, and is made without looking into it.
bool is_view(const c10::FunctionSchema& schema) {
  return std::ranges::any_of(schema.returns(), [](const c10::Argument& result) {
    return result.alias_info() != nullptr && !result.alias_info()->isWrite();
  });
}

// Also where the CPU has no kernel: such a call is refused, where a kernel would compute nothing.
bool is_replaced(const c10::OperatorName& name) {
  if (!name.name.starts_with("aten::") || kKept.contains(name.name)) {
    return false;
  }
  const auto op = c10::Dispatcher::singleton().findOp(name);
  return op && op->hasSchema() && op->hasKernelForDispatchKey(c10::DispatchKey::CUDA) &&
         !is_view(op->schema());
}

// Between host and device the real kernel, whose copies the runtime sees; else the CPU's.
void copy(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const size_t arguments = op.schema().arguments().size();
  const at::Tensor self = torch::jit::peek(*stack, 0, arguments).toTensor();
  const at::Tensor source = torch::jit::peek(*stack, 1, arguments).toTensor();
  if (self.is_cuda() && source.is_cuda()) {
    on_host(self).copy_(on_host(source));
    torch::jit::drop(*stack, arguments);
    stack->emplace_back(self);
  } else {
    // copy_ has one kernel for all devices, which is found at each of their keys.
    op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  }
}

// That kernels are replaced is no news here.
class Silent : public c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

// Returns how many kernels were replaced.
int install() {
  Silent silent;
  const c10::WarningUtils::WarningHandlerGuard guard(&silent);
  // The composed one goes through kernels that have numbers; the fused ones are CUDA's alone.
  at::globalContext().setSDPUseFlash(false);
  at::globalContext().setSDPUseMemEfficient(false);
  at::globalContext().setSDPUseCuDNN(false);

  static torch::Library cuda(torch::Library::IMPL, "aten", c10::DispatchKey::CUDA, __FILE__,
                             __LINE__);
  int replaced = 0;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) {
    if (is_replaced(name)) {
      const std::string suffix = name.overload_name.empty() ? "" : "." + name.overload_name;
      cuda.impl((name.name + suffix).c_str(),
                torch::CppFunction::makeFromBoxedFunction<&compute_on_host>());
      replaced++;
    }
  }
  for (const char* name : kComposed) {
    cuda.impl(name, torch::CppFunction::makeFromBoxedFunction<&compute_on_host>());
  }
  // The newest kernel counts.
  cuda.impl("copy_", torch::CppFunction::makeFromBoxedFunction<&copy>());
  register_random(&cuda);
  register_softmax(&cuda);
  return replaced;
}

}  // namespace
}  // namespace lavis4j::numbers

// io.lavis4j.fakecuda.Numbers.install
extern "C" JNIEXPORT jint JNICALL Java_io_lavis4j_fakecuda_Numbers_install(JNIEnv* env, jclass) {
  try {
    return lavis4j::numbers::install();
  } catch (const std::exception& error) {
    env->ThrowNew(env->FindClass("java/lang/IllegalStateException"), error.what());
    return 0;
  }
}
