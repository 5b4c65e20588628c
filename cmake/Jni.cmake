# lavis4j::jni: the headers of the Java Native Interface, and nothing to link. They come from the JDK
# at JAVA_HOME (the cache entry, else the environment), or else from the one whose javac is found.
set(JAVA_HOME "$ENV{JAVA_HOME}" CACHE PATH "JDK whose JNI headers are used")
if(NOT JAVA_HOME)
  find_program(JAVAC_EXECUTABLE javac REQUIRED)
  get_filename_component(javac_path "${JAVAC_EXECUTABLE}" REALPATH)
  get_filename_component(java_bin "${javac_path}" DIRECTORY)
  get_filename_component(JAVA_HOME "${java_bin}" DIRECTORY)
endif()
find_path(JNI_INCLUDE_DIR jni.h PATHS "${JAVA_HOME}/include" NO_DEFAULT_PATH REQUIRED)
find_path(JNI_MD_INCLUDE_DIR jni_md.h PATHS "${JAVA_HOME}/include/linux" NO_DEFAULT_PATH REQUIRED)

add_library(lavis4j_jni INTERFACE)
add_library(lavis4j::jni ALIAS lavis4j_jni)
target_include_directories(lavis4j_jni SYSTEM INTERFACE
  "${JNI_INCLUDE_DIR}" "${JNI_MD_INCLUDE_DIR}")
