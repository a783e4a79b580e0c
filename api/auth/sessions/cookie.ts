/** The cookie that carries a session's token for pages. */
export const sessionCookie = 'cardstock_session';
