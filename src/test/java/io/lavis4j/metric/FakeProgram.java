package io.lavis4j.metric;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/** Stands for METEOR's and SPICE's programs in tests; {@code -Dfake=} says how it misbehaves. Uses Java only. */
final class FakeProgram {

    private FakeProgram() {}

    /** Puts this program into a jar. */
    static Path jar(Path file) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, FakeProgram.class.getName());
        String name = FakeProgram.class.getName().replace('.', '/') + ".class";
        try (var jar = new JarOutputStream(Files.newOutputStream(file), manifest);
                var bytes = FakeProgram.class.getClassLoader().getResourceAsStream(name)) {
            if (bytes == null) {
                throw new IOException("no class file " + name);
            }
            jar.putNextEntry(new JarEntry(name));
            bytes.transferTo(jar);
        }
        return file;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        String fault = System.getProperty("fake", "");
        if (fault.equals("hang")) {
            Thread.sleep(60_000);
        }
        if (arguments[0].equals("-")) {
            meteor(fault);
        } else {
            spice(fault, Path.of(arguments[0]), Path.of(arguments[2]));
        }
    }

    private static void meteor(String fault) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int answers = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (fault.equals("die") && answers == 3) {
                System.err.println("first word");
                System.err.println("out of luck");
                System.exit(7);
            }
            System.err.println("x".repeat(200));
            System.out.println(fault.equals("babble") ? "Error: what?" : numbers(line.split(" \\|\\|\\| ", -1)));
            System.out.flush();
            answers++;
        }
    }

    /** All words match in one chunk if the last text is the second, else none does. */
    private static String numbers(String[] texts) {
        int words = texts[1].split(" ", -1).length;
        int matched = texts[texts.length - 1].equals(texts[1]) ? words : 0;
        return "%d.0 %d.0 0.0 0.0 %d.0 %d.0".formatted(words, words, matched, matched)
                + " 0.0".repeat(14)
                + " %d.0 %d.0 %d.0".formatted(matched > 0 ? 1 : 0, matched, matched);
    }

    private static void spice(String fault, Path in, Path out) throws IOException {
        if (fault.equals("die")) {
            System.err.println("no parser");
            System.exit(1);
        }
        var ids = Pattern.compile("\"image_id\":(\\d+)").matcher(Files.readString(in));
        var records = new StringBuilder();
        while (ids.find()) {
            if (!fault.equals("lose") || !ids.group(1).equals("1")) {
                records.append(records.isEmpty() ? "" : ",")
                        .append("{\"image_id\":%s,\"scores\":{\"All\":{\"f\":0.%s}}}"
                                .formatted(ids.group(1), ids.group(1)));
            }
        }
        Files.writeString(out, "[" + records + "]");
    }
}
