// The Java side of lavis4j/cuda.h: the native methods of io.lavis4j.tensor.CudaRuntime.
#include <jni.h>

#include <cstring>

#include "lavis4j/cuda.h"

namespace {

// The characters of a Java string as long as this lives; null if there is no memory for them.
class Characters {
 public:
  Characters(JNIEnv* env, jstring string)
      : env_(env), string_(string), text_(env->GetStringUTFChars(string, nullptr)) {}
  ~Characters() {
    if (text_ != nullptr) {
      env_->ReleaseStringUTFChars(string_, text_);
    }
  }
  Characters(const Characters&) = delete;
  Characters& operator=(const Characters&) = delete;
  const char* text() const { return text_; }

 private:
  JNIEnv* env_;
  jstring string_;
  const char* text_;
};

// Bytes, not a string: CUDA does not promise an encoding.
void Write(JNIEnv* env, const char* text, jbyteArray bytes) {
  env->SetByteArrayRegion(bytes, 0, static_cast<jsize>(std::strlen(text)),
                          reinterpret_cast<const jbyte*>(text));
}

}  // namespace

extern "C" {

// Numbers: runtime, driver, error, devices. The message is LAVIS4J_CUDA_TEXT bytes.
JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_CudaRuntime_readState(JNIEnv* env, jclass /*type*/,
                                                                    jstring library,
                                                                    jlongArray numbers,
                                                                    jbyteArray message) {
  const Characters name(env, library);
  lavis4j_cuda_state state;
  const lavis4j_cuda_status status = lavis4j_cuda_read(name.text(), &state);
  if (status == LAVIS4J_CUDA_OK) {
    const jlong values[] = {state.runtime, state.driver, state.error, state.devices};
    env->SetLongArrayRegion(numbers, 0, sizeof(values) / sizeof(values[0]), values);
    Write(env, state.message, message);
  }
  return status;
}

// Numbers: memory, capability's major and minor. The name is LAVIS4J_CUDA_TEXT bytes.
JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_CudaRuntime_readDevice(JNIEnv* env, jclass /*type*/,
                                                                     jstring library, jint index,
                                                                     jlongArray numbers,
                                                                     jbyteArray name) {
  const Characters characters(env, library);
  lavis4j_cuda_device device;
  const lavis4j_cuda_status status =
      lavis4j_cuda_read_device(characters.text(), index, &device);
  if (status == LAVIS4J_CUDA_OK) {
    const jlong values[] = {device.memory, device.major, device.minor};
    env->SetLongArrayRegion(numbers, 0, sizeof(values) / sizeof(values[0]), values);
    Write(env, device.name, name);
  }
  return status;
}

}  // extern "C"
