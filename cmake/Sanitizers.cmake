# LAVIS4J_SANITIZE: "" or a list for -fsanitize, such as "address" or "undefined".
set(LAVIS4J_SANITIZE "" CACHE STRING "Sanitizers to compile with, as in -fsanitize=<list>")

function(lavis4j_sanitize target)
  if(LAVIS4J_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${LAVIS4J_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${LAVIS4J_SANITIZE})
  endif()
endfunction()
