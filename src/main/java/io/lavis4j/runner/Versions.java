package io.lavis4j.runner;

import io.lavis4j.tensor.Cuda;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.global.torch;

/** The versions of what computes: equal numbers can be expected of equal versions alone. */
final class Versions {

    private Versions() {}

    /** Those of this process by name. */
    static Map<String, String> now() {
        var versions = new LinkedHashMap<String, String>();
        String own = Versions.class.getPackage().getImplementationVersion();
        versions.put("lavis4j", own == null ? "not packaged" : own);
        versions.put("libtorch", Cuda.Build.of(torch.show_config().getString()).version());
        versions.put("java", Runtime.version().toString());
        return versions;
    }
}
