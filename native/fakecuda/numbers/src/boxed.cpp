#include "boxed.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "memory.h"
#include "random.h"

namespace lavis4j::numbers {
namespace {

using c10::Argument;
using c10::IValue;

bool is_written(const Argument& argument) {
  return argument.alias_info() != nullptr && argument.alias_info()->isWrite();
}

// A value with every tensor in it replaced; any other value as it is.
IValue map_tensors(const IValue& value,
                   const std::function<at::Tensor(const at::Tensor&)>& replacement) {
  if (value.isTensor()) {
    return replacement(value.toTensor());
  }
  if (value.isTensorList()) {
    std::vector<at::Tensor> tensors = value.toTensorVector();
    std::ranges::transform(tensors, tensors.begin(), replacement);
    return IValue(tensors);
  }
  if (value.isOptionalTensorList()) {
    c10::List<std::optional<at::Tensor>> tensors;
    for (const std::optional<at::Tensor>& tensor : value.toOptionalTensorVector()) {
      tensors.push_back(tensor ? std::optional(replacement(*tensor)) : std::nullopt);
    }
    return IValue(tensors);
  }
  return value;
}

c10::Device current_device() {
  return c10::impl::VirtualGuardImpl(c10::kCUDA).getDevice();
}

// A call at the CUDA key, from its arguments on the stack to its results.
class Call {
 public:
  Call(const c10::OperatorHandle& op, torch::jit::Stack* stack)
      : schema_(op.schema()),
        given_(stack->end() - static_cast<std::ptrdiff_t>(schema_.arguments().size()),
               stack->end()) {
    for (size_t i = 0; i < given_.size(); i++) {
      check(given_[i], schema_.arguments()[i]);
    }
    if (!device_) {
      device_ = current_device();
    }
  }

  // The arguments with CPU tensors over the same memory.
  const std::vector<IValue>& on_host() {
    for (size_t i = 0; i < given_.size(); i++) {
      host_.push_back(argument_on_host(given_[i], schema_.arguments()[i]));
    }
    return host_;
  }

  // Written arguments get the shapes that the CPU kernel has given them.
  void write_back() {
    for (size_t i = 0; i < given_.size(); i++) {
      if (!is_written(schema_.arguments()[i])) {
        continue;
      }
      if (given_[i].isTensor()) {
        numbers::write_back(host_[i].toTensor(), given_[i].toTensor());
      } else if (given_[i].isTensorList()) {
        const auto tensors = given_[i].toTensorVector();
        const auto host = host_[i].toTensorVector();
        for (size_t k = 0; k < tensors.size(); k++) {
          numbers::write_back(host[k], tensors[k]);
        }
      }
    }
  }

  // Result i for the caller: an argument that was written, or a new tensor on the device.
  IValue result(size_t i, const IValue& computed) const {
    const Argument& declared = schema_.returns()[i];
    if (is_written(declared)) {
      for (size_t k = 0; k < given_.size(); k++) {
        const auto* alias = schema_.arguments()[k].alias_info();
        if (alias != nullptr && *alias == *declared.alias_info()) {
          return given_[k];
        }
      }
    }
    return map_tensors(computed, [this](const at::Tensor& tensor) {
      return on_device(tensor, *device_);
    });
  }

 private:
  void check(const IValue& value, const Argument& argument) {
    if (value.isTensor()) {
      const at::Tensor& tensor = value.toTensor();
      check(tensor, tensor.defined() && tensor.dim() == 0 && !is_written(argument));
    } else if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) {
        check(tensor, false);
      }
    } else if (value.isOptionalTensorList()) {
      for (const std::optional<at::Tensor>& index : value.toOptionalTensorVector()) {
        check(index.value_or(at::Tensor()), true);
      }
    } else if (value.isDevice() && value.toDevice().is_cuda()) {
      device_ = value.toDevice();
    }
  }

  void check(const at::Tensor& tensor, bool may_be_on_cpu) {
    if (!tensor.defined() || (tensor.is_cpu() && may_be_on_cpu)) {
      return;
    }
    if (!device_ && tensor.is_cuda()) {
      device_ = tensor.device();
    }
    const c10::Device expected = device_.value_or(current_device());
    TORCH_CHECK(tensor.device() == expected,
                "Expected all tensors to be on the same device, but found at least two devices, ",
                expected, " and ", tensor.device(), "! (", schema_.operator_name(),
                ", a tensor of ", tensor.sizes(), ")");
  }

  IValue argument_on_host(const IValue& value, const Argument& argument) const {
    if (value.isDevice()) {
      return IValue(c10::Device(c10::kCPU));
    }
    if (draws(argument)) {
      return IValue(host_generator(
          value.isNone() ? std::nullopt : std::optional(value.toGenerator()), *device_));
    }
    return map_tensors(value, numbers::on_host);
  }

  static bool draws(const Argument& argument) {
    static const c10::TypePtr optional = c10::OptionalType::create(c10::GeneratorType::get());
    return *argument.type() == *c10::GeneratorType::get() || *argument.type() == *optional;
  }

  const c10::FunctionSchema& schema_;
  const std::vector<IValue> given_;
  std::vector<IValue> host_;
  std::optional<c10::Device> device_;
};

}  // namespace

void compute_on_host(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const at::AutoDispatchBelowADInplaceOrView below_autograd;
  Call call(op, stack);
  const std::vector<IValue>& arguments = call.on_host();
  const size_t first = stack->size() - arguments.size();
  std::ranges::copy(arguments, stack->begin() + static_cast<std::ptrdiff_t>(first));
  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  call.write_back();
  for (size_t i = first; i < stack->size(); i++) {
    (*stack)[i] = call.result(i - first, (*stack)[i]);
  }
}

}  // namespace lavis4j::numbers
