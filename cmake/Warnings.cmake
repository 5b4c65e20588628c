# lavis4j_warnings(<target>): every warning that a reviewer would raise, as an error.
function(lavis4j_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion
    -Wold-style-cast -Wcast-align -Wnon-virtual-dtor -Wnull-dereference -Wundef -Wformat=2)
endfunction()
