(** R7 [ours] (blueprint, section 2), the pairing route: the 2l lightest neurons in pairs (j, i); the outgoing
    weights of j are scaled by 1 + e/s_j, those of i by 1 - e/s_i, and one of the two dies. The choice of e is
    derandomised: of its two values one does not increase the norm more than the mean square. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape Require Import sums relu paths networks perturb transfer readout losses selection slots connectivity.
Import ListNotations.
Open Scope R_scope.

(** * The derandomised choice in a Euclidean space *)

Section Choice.
Context {I : Type} (L : list I) (p : I -> R).
Hypothesis Hp : forall i, 0 <= p i.

Definition sq (f : I -> R) : R := lsum L (fun i => p i * (f i)^2).

Lemma sq_expand (f d : I -> R) e :
  sq (fun i => f i + e * d i) = sq f + 2 * e * lsum L (fun i => p i * (f i * d i)) + e^2 * sq d.
Proof. unfold sq. rewrite <- !lsum_scal, <- !lsum_plus. apply lsum_ext; intros; ring. Qed.

(** e = -a or e = b: with probabilities b/(a+b), a/(a+b) the mean is 0 and the mean square a b *)
Lemma choose_sign (f d : I -> R) (a b : R) : 0 < a -> 0 < b ->
  exists e, (e = - a \/ e = b) /\ sq (fun i => f i + e * d i) <= sq f + a * b * sq d.
Proof.
  intros Ha Hb. set (c := lsum L (fun i => p i * (f i * d i))).
  destruct (Rle_dec (sq f + 2 * (- a) * c + (- a)^2 * sq d) (sq f + a * b * sq d)) as [H|H].
  - exists (- a). split; [now left|]. now rewrite sq_expand.
  - exists b. split; [now right|]. rewrite sq_expand. fold c.
    (* the two values average to the bound *)
    assert (Hmean : b * (sq f + 2 * (- a) * c + (- a)^2 * sq d) + a * (sq f + 2 * b * c + b^2 * sq d)
                    = (a + b) * (sq f + a * b * sq d)) by ring.
    apply Rnot_le_lt in H. apply (Rmult_le_reg_l a); [easy|].
    assert (b * (sq f + a * b * sq d) < b * (sq f + 2 * (- a) * c + (- a)^2 * sq d))
      by now apply Rmult_lt_compat_l.
    lra.
Qed.

(** what has norm 0 can be dropped *)
Lemma drop_null (f g : I -> R) : sq g <= 0 -> sq (fun i => f i + (-1) * g i) <= sq f.
Proof.
  intros Hg. rewrite sq_expand. set (c := lsum L (fun i => p i * (f i * g i))).
  assert (Hg0 : 0 <= sq g) by (apply lsum_nonneg; intros; apply Rmult_le_pos; [apply Hp | apply pow2_ge_0]).
  assert (Hc : 0 <= c).
  { pose proof (Cauchy_Schwarz L p Hp f (fun i => - g i)) as H. rewrite wnorm_opp in H.
    unfold wnorm at 2 in H. fold (sq g) in H. replace (sq g) with 0 in H by lra. rewrite sqrt_0 in H.
    rewrite (lsum_ext L _ (fun i => (-1) * (p i * (f i * g i)))) in H by (intros; ring).
    rewrite lsum_scal in H. fold c in H. lra. }
  lra.
Qed.

(** one pair: masses a, b, effects u, v on the output with sq u <= c a^2, sq v <= c b^2.
    Factors for the two; the first or the second (flag) is 0; the mass stays. *)
Lemma pair_step (f u v : I -> R) (a b c : R) : 0 <= a -> 0 <= b -> 0 <= c ->
  sq u <= c * a^2 -> sq v <= c * b^2 ->
  exists (first : bool) ra rb, (if first then ra = 0 else rb = 0) /\ 0 <= ra /\ 0 <= rb /\
    ra * a + rb * b = a + b /\
    sq (fun i => f i + (ra - 1) * u i + (rb - 1) * v i) <= sq f + 4 * c * (a * b).
Proof.
  intros Ha Hb Hc Hu Hv.
  destruct (Req_dec a 0) as [Ea|Ea]; [|destruct (Req_dec b 0) as [Eb|Eb]].
  - exists true, 0, 1. subst a. repeat split; try lra.
    replace (fun i => f i + (0 - 1) * u i + (1 - 1) * v i) with (fun i => f i + (-1) * u i)
      by (apply functional_extensionality; intros; ring).
    pose proof (drop_null f u) as H. lra.
  - exists false, 1, 0. subst b. repeat split; try lra.
    replace (fun i => f i + (1 - 1) * u i + (0 - 1) * v i) with (fun i => f i + (-1) * v i)
      by (apply functional_extensionality; intros; ring).
    pose proof (drop_null f v) as H. lra.
  - assert (Ha' : 0 < a) by lra. assert (Hb' : 0 < b) by lra.
    set (d := fun x => / a * u x - / b * v x).
    (* the two unit effects differ by at most 2 sqrt c *)
    assert (Hd : sq d <= 4 * c).
    { apply Rle_trans with (2 * (/ a)^2 * sq u + 2 * (/ b)^2 * sq v).
      - unfold sq. rewrite <- !lsum_scal, <- lsum_plus. apply lsum_le; intros x _. unfold d.
        set (a' := / a * u x). set (b' := / b * v x).
        replace (2 * (/ a)^2 * (p x * (u x)^2) + 2 * (/ b)^2 * (p x * (v x)^2))
          with (p x * (2 * a'^2 + 2 * b'^2)) by (unfold a', b'; ring).
        apply Rmult_le_compat_l; [apply Hp|]. pose proof (pow2_ge_0 (a' + b')). lra.
      - assert (Hunit : forall s q, 0 < s -> q <= c * s^2 -> (/ s)^2 * q <= c).
        { intros s q Hs Hq. apply Rle_trans with ((/ s)^2 * (c * s^2)).
          - apply Rmult_le_compat_l; [apply pow2_ge_0 | easy].
          - right. field. lra. }
        pose proof (Hunit a _ Ha' Hu). pose proof (Hunit b _ Hb' Hv). lra. }
    destruct (choose_sign f d a b Ha' Hb') as (e & He & Hstep).
    exists (if Rle_dec e 0 then true else false), (1 + e / a), (1 - e / b).
    pose proof (Rinv_0_lt_compat _ Ha') as Ia. pose proof (Rinv_0_lt_compat _ Hb') as Ib.
    split; [|split; [|split; [|split]]].
    + destruct He as [-> | ->]; destruct (Rle_dec _ 0); try lra; field; lra.
    + destruct He as [-> | ->]; [right; field; lra|].
      assert (0 < b / a) by now apply Rmult_lt_0_compat. lra.
    + destruct He as [-> | ->]; [|right; field; lra].
      assert (0 < a / b) by now apply Rmult_lt_0_compat. unfold Rdiv in *. lra.
    + field. lra.
    + replace (fun i => f i + (1 + e / a - 1) * u i + (1 - e / b - 1) * v i) with (fun x => f x + e * d x).
      * eapply Rle_trans; [exact Hstep|].
        assert (a * b * sq d <= a * b * (4 * c))
          by (apply Rmult_le_compat_l; [left; now apply Rmult_lt_0_compat | easy]).
        lra.
      * apply functional_extensionality; intros x. unfold d. field. lra.
Qed.
End Choice.

(** * One pair after the other *)

(** the slots of a list of pairs *)
Definition pair_slots (T : list (nat * nat)) : list nat := flat_map (fun ji => [fst ji; snd ji]) T.

Section Greedy.
Context {I : Type} (L : list I) (p : I -> R).
Hypothesis Hp : forall i, 0 <= p i.
Variables (s : nat -> R) (phi : nat -> I -> R) (c : R).
Hypothesis Hs : forall j, 0 <= s j.
Hypothesis Hc : 0 <= c.
Hypothesis Hphi : forall j, sq L p (phi j) <= c * (s j)^2.

(** factors r_j of the outgoing weights: in every pair one is 0, and the mass stays *)
Theorem greedy_factors (T : list (nat * nat)) : NoDup (pair_slots T) ->
  exists (J : list nat) (r : nat -> R), NoDup J /\ length J = length T /\ incl J (pair_slots T) /\
    (forall j, In j J -> r j = 0) /\ (forall j, 0 <= r j) /\
    \sum_(j in pair_slots T) (r j * s j) = \sum_(j in pair_slots T) s j /\
    sq L p (fun i => \sum_(j in pair_slots T) ((r j - 1) * phi j i))
      <= 4 * c * \sum_(ji in T) (s (fst ji) * s (snd ji)).
Proof.
  induction T as [|[j i] T IH]; intros HN.
  - exists nil, (fun _ => 1). split; [constructor|]. split; [easy|]. split; [easy|]. split; [easy|].
    split; [intros; lra|]. split; [easy|]. simpl. unfold sq. rewrite lsum_zero by (intros; ring). lra.
  - cbn [pair_slots flat_map app fst snd] in *. fold (pair_slots T) in *.
    inversion_clear HN as [|? ? Hj HN']. inversion_clear HN' as [|? ? Hi HN''].
    assert (Hji : i <> j) by (intros ->; apply Hj; now left).
    assert (HjT : ~ In j (pair_slots T)) by (intros H; apply Hj; now right).
    destruct (IH HN'') as (J & r & HNJ & HL & Hincl & Hzero & Hpos & Hmass & Hsq).
    set (f := fun x => \sum_(k in pair_slots T) ((r k - 1) * phi k x)) in *.
    destruct (pair_step L p Hp f (phi j) (phi i) (s j) (s i) c (Hs j) (Hs i) Hc (Hphi j) (Hphi i))
      as (first & ra & rb & Hdead & Hra & Hrb & Hmass2 & Hstep).
    set (r' := fun k => if Nat.eqb k j then ra else if Nat.eqb k i then rb else r k).
    assert (Rj : r' j = ra) by (unfold r'; now rewrite Nat.eqb_refl).
    assert (Ri : r' i = rb).
    { unfold r'. apply Nat.eqb_neq in Hji. now rewrite Hji, Nat.eqb_refl. }
    assert (Rk : forall k, In k (pair_slots T) -> r' k = r k).
    { intros k Hk. unfold r'. destruct (Nat.eqb_spec k j) as [->|_]; [easy|].
      destruct (Nat.eqb_spec k i) as [->|_]; easy. }
    exists ((if first then j else i) :: J), r'.
    split; [|split; [|split; [|split; [|split; [|split]]]]].
    + constructor; [|easy]. intros H. apply Hincl in H. now destruct first.
    + simpl. now rewrite HL.
    + intros k [<-|Hk]; [destruct first; simpl; tauto|]. right. right. now apply Hincl.
    + intros k [<-|Hk]; [destruct first; congruence|]. rewrite Rk by now apply Hincl. now apply Hzero.
    + intros k. unfold r'. destruct (Nat.eqb k j); [easy|]. destruct (Nat.eqb k i); easy.
    + cbn [lsum]. rewrite Rj, Ri, (lsum_ext (pair_slots T) _ (fun k => r k * s k)) by (intros k Hk; now rewrite Rk).
      rewrite Hmass. lra.
    + cbn [lsum fst snd].
      replace (fun x => (r' j - 1) * phi j x + ((r' i - 1) * phi i x + \sum_(k in pair_slots T) ((r' k - 1) * phi k x)))
        with (fun x => f x + (ra - 1) * phi j x + (rb - 1) * phi i x).
      * eapply Rle_trans; [exact Hstep | lra].
      * apply functional_extensionality; intros x. rewrite Rj, Ri. unfold f.
        rewrite (lsum_ext (pair_slots T) (fun k => (r' k - 1) * phi k x) (fun k => (r k - 1) * phi k x))
          by (intros k Hk; now rewrite Rk).
        ring.
Qed.
End Greedy.
