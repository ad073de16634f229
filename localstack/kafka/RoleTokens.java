import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Takes the tokens that Amazon MSK takes: a presigned URL of kafka-cluster:Connect, in base64. Knows one role, by the system
 * properties role.id, role.secret, role.session and role.region, and works the signature out anew, as
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html says.
 */
public final class RoleTokens implements AuthenticateCallbackHandler {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Duration LONGEST = Duration.ofSeconds(900);
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

    @Override
    public void close() {}

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (callback instanceof OAuthBearerValidatorCallback asked) {
                try {
                    asked.token(check(asked.tokenValue()));
                } catch (Exception wrong) {
                    System.out.println("a token was refused: " + wrong.getMessage());
                    asked.error("invalid_token", null, null);
                }
            } else if (!(callback instanceof OAuthBearerExtensionsValidatorCallback)) {
                throw new UnsupportedCallbackException(callback);
            }
        }
    }

    private static Token check(String token) throws Exception {
        URI url = URI.create(new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8));
        TreeMap<String, String> query = new TreeMap<>();
        for (String parameter : url.getRawQuery().split("&")) {
            String[] parts = parameter.split("=", 2);
            must(query.put(parts[0], parts[1]) == null, parts[0] + " stands twice");
        }
        must("https".equals(url.getScheme()) && "/".equals(url.getRawPath()), "no such URL");
        must(url.getHost().equals("kafka." + role("region") + ".amazonaws.com"), "another host: " + url.getHost());
        must("kafka-cluster:Connect".equals(decoded(query, "Action")), "another action");
        must("AWS4-HMAC-SHA256".equals(decoded(query, "X-Amz-Algorithm")), "another algorithm");
        must("host".equals(decoded(query, "X-Amz-SignedHeaders")), "other headers are signed");
        must(role("session").equals(decoded(query, "X-Amz-Security-Token")), "another session");
        must(query.remove("User-Agent") != null, "no user agent");
        String date = decoded(query, "X-Amz-Date");
        String scope = date.substring(0, 8) + "/" + role("region") + "/kafka-cluster/aws4_request";
        must((role("id") + "/" + scope).equals(decoded(query, "X-Amz-Credential")), "another role or scope");
        String signature = query.remove("X-Amz-Signature");
        must(sign(url.getHost(), query, date, scope).equals(signature), "the signature does not fit");
        Duration valid = Duration.ofSeconds(Long.parseLong(query.get("X-Amz-Expires")));
        Instant from = DATE.parse(date, Instant::from), until = from.plus(valid), now = Instant.now();
        must(valid.compareTo(LONGEST) <= 0, "it is valid for too long");
        must(from.minus(CLOCKS_DIFFER).isBefore(now) && until.isAfter(now), "it was valid from " + from + " to " + until);
        System.out.println("a token of " + date + " was taken");
        return new Token(token, from.toEpochMilli(), until.toEpochMilli());
    }

    private static String sign(String host, TreeMap<String, String> query, String date, String scope) throws Exception {
        StringBuilder sorted = new StringBuilder();
        query.forEach((name, value) -> sorted.append(sorted.isEmpty() ? "" : "&").append(name).append("=").append(value));
        String request = String.join("\n", "GET", "/", sorted, "host:" + host, "", "host", hash(""));
        byte[] key = ("AWS4" + role("secret")).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(hmac(key, String.join("\n", "AWS4-HMAC-SHA256", date, scope, hash(request))));
    }

    private static byte[] hmac(byte[] key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hash(String text) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String decoded(Map<String, String> query, String name) {
        return URLDecoder.decode(query.getOrDefault(name, ""), StandardCharsets.UTF_8);
    }

    private static String role(String property) {
        return System.getProperty("role." + property);
    }

    private static void must(boolean right, String wrong) {
        if (!right) {
            throw new IllegalArgumentException(wrong);
        }
    }

    private record Token(String value, Long startTimeMs, long lifetimeMs) implements OAuthBearerToken {
        @Override
        public Set<String> scope() {
            return Set.of();
        }

        @Override
        public String principalName() {
            return "role";
        }
    }
}
