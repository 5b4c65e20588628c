package io.lavis4j.fakecuda;

/**
 * A call of the runtime.
 *
 * @param kind kernel, copy, fill, host wait, stream wait, allocation, release, or library
 * @param what a kernel's C++ name as the linker knows it, the way of a copy, the function of a library
 * @param bytes moved or allocated
 * @param stream the runtime's number; those below 8 are default streams
 * @param thread of the operating system
 */
public record Event(String kind, String what, long bytes, int stream, long thread) {

    static Event read(String line) {
        String[] fields = line.split("\t", -1);
        return new Event(
                fields[0],
                fields[1],
                Long.parseLong(fields[2]),
                Integer.parseInt(fields[3]),
                Long.parseLong(fields[4]));
    }
}
